namespace Portal.Authentication.SharedLimits;

/// <summary>What a node has read from the store in its last exchange.</summary>
/// <param name="Round">The number of the exchange.</param>
/// <param name="Time">The time of the store, in microseconds.</param>
/// <param name="Timestamp">The timestamp of this node's timer at the same time, or shortly after.</param>
/// <param name="Used">See <see cref="StoreAnswer.Used"/>.</param>
internal sealed record StoreKnowledge(long Round, double Time, long Timestamp, IReadOnlyDictionary<LimitedToken, double> Used);
