using Portal.Authentication.SharedLimits;

namespace Portal.Tests.Authentication.SharedLimits;

/// <summary>The semantics of the store, by a clock that tests control.</summary>
internal sealed class MemoryLimitStore(TimeProvider clock) : ILimitStore
{
    private readonly Dictionary<LimitedToken, double> _fullAt = [];

    /// <summary>Whether exchanges fail.</summary>
    public bool IsGone { get; set; }

    /// <summary>The difference between the store's clock and that of the nodes.</summary>
    public TimeSpan Skew { get; set; } = TimeSpan.FromDays(3);

    private double Now => (clock.GetUtcNow() + Skew - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    public Task<StoreAnswer> ExchangeAsync(double? time, IReadOnlyList<Spending> spent, IReadOnlyDictionary<LimitedToken, double> lowered, CancellationToken cancellation)
    {
        if (IsGone)
            throw new IOException("The store is gone; and its details.");
        foreach (var (token, fullAt) in lowered)
            _fullAt[token] = Math.Min(_fullAt[token], fullAt);
        foreach (var (token, requests) in spent)
            _fullAt[token] = Math.Max(_fullAt.GetValueOrDefault(token), time ?? Now) + (requests * token.Step);
        return Task.FromResult(new StoreAnswer(
            Now, _fullAt.Where(entry => entry.Value > Now + (entry.Key.Window * SharedBuckets.UnlistedUse)).ToDictionary(), [.. spent.Select(entry => _fullAt[entry.Token])]));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
