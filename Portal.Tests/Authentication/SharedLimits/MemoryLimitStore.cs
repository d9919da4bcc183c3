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

    /// <summary>Forgets everything, as a server that keeps nothing on disk does when it is restarted.</summary>
    public void Clear() => _fullAt.Clear();

    public string Name => "memory";

    private double Now => (clock.GetUtcNow() + Skew - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    public Task<StoreAnswer> ExchangeAsync(double? time, IReadOnlyList<Spending> spent, LimitCorrections corrections, CancellationToken cancellation)
    {
        if (IsGone)
            throw new IOException("The store is gone; and its details.");
        foreach (var (token, fullAt) in corrections.Lowered)
            _fullAt[token] = Math.Min(_fullAt[token], fullAt);
        foreach (var (token, fullAt) in corrections.Raised)
            _fullAt[token] = Math.Max(_fullAt.GetValueOrDefault(token), fullAt);
        foreach (var (token, requests) in spent)
            _fullAt[token] = Math.Max(_fullAt.GetValueOrDefault(token), time ?? Now) + (requests * token.Step);
        return Task.FromResult(new StoreAnswer(
            Now, _fullAt.Where(entry => entry.Value > Now + (entry.Key.Window * SharedBuckets.UnlistedUse)).ToDictionary(), [.. spent.Select(entry => _fullAt[entry.Token])]));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
