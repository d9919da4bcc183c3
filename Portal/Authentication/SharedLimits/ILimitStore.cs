using Portal.Tokens;

namespace Portal.Authentication.SharedLimits;

/// <summary>The limit of one token.</summary>
internal readonly record struct LimitedToken(long TokenId, RateLimit Limit)
{
    /// <summary>The time in which the bucket gets one request back, in microseconds.</summary>
    public double Step => Window / Limit.Requests;

    /// <summary>The time in which an empty bucket fills, in microseconds.</summary>
    public double Window => Limit.Window.TotalMicroseconds;
}

/// <summary>Requests that a node has admitted since it last told the store.</summary>
internal readonly record struct Spending(LimitedToken Token, int Requests);

/// <summary>The store's answer to one exchange.</summary>
/// <param name="Time">The time of the store, in microseconds. Nodes use it for all times in the store, so their own clocks may differ.</param>
/// <param name="Used">The buckets of which more than a third is used, with the time at which each is full again.</param>
/// <param name="Spent">The same for the tokens of the exchange, in the same order.</param>
internal sealed record StoreAnswer(double Time, IReadOnlyDictionary<LimitedToken, double> Used, IReadOnlyList<double> Spent);

/// <summary>Times in the store that are wrong, by token.</summary>
/// <param name="Lowered">The latest possible times, for those that are impossibly late.</param>
/// <param name="Raised">Times that this node has read before, for those that may be lost. A later time in the store stays.</param>
internal sealed record LimitCorrections(IReadOnlyDictionary<LimitedToken, double> Lowered, IReadOnlyDictionary<LimitedToken, double> Raised)
{
    public static readonly LimitCorrections None = new(new Dictionary<LimitedToken, double>(), new Dictionary<LimitedToken, double>());
}

/// <summary>Keeps the shared buckets: for each, the time at which it is full again. A full bucket isn't stored.</summary>
internal interface ILimitStore : IAsyncDisposable
{
    /// <summary>The servers, without anything that is secret.</summary>
    string Name { get; }

    /// <summary>Adds what this node has spent, and reads which buckets are in use, in one round trip.</summary>
    /// <param name="time">The store's time, as far as this node knows; null: unknown.</param>
    /// <param name="corrections">Times to correct before anything is added, see <see cref="SharedBuckets.Learn"/>.</param>
    /// <exception cref="Exception">The store can't be reached, or refuses. What was spent may or may not be added.</exception>
    Task<StoreAnswer> ExchangeAsync(double? time, IReadOnlyList<Spending> spent, LimitCorrections corrections, CancellationToken cancellation);
}
