using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Token buckets (the algorithm) for each key and limit. A bucket is created when it is first needed and removed when it is full
/// again.</summary>
/// <remarks>Memory is limited by the number of keys used within the time that a bucket takes to fill.</remarks>
internal sealed class RateBuckets<TKey> : IDisposable
    where TKey : notnull, IEquatable<TKey>
{
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(TKey Key, RateLimit Limit, int Nodes), TokenBucketRateLimiter> _buckets = new();
    private readonly ConcurrentDictionary<(RateLimit Limit, int Nodes), TokenBucketRateLimiter> _shared = new();
    private readonly int _most;
    private readonly ITimer _sweeps;
    private int _count;

    /// <param name="most">The maximum number of buckets. Beyond it, all other keys share one.</param>
    public RateBuckets(TimeProvider clock, int most)
    {
        _most = most;
        _sweeps = clock.CreateTimer(_ => Sweep(), null, BetweenSweeps, BetweenSweeps);
    }

    /// <summary>The number of buckets in memory, except the shared ones.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Takes one request out of the bucket.</summary>
    /// <param name="nodes">The number of nodes that share the limit equally. If it changes, each node begins with a full bucket of its new
    /// share.</param>
    public RateStatus Take(TKey key, RateLimit limit, int nodes = 1)
    {
        var bucket = Find(key, limit, nodes);
        // A bucket is filled when it is used, without a timer of its own.
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        return lease.IsAcquired
            ? new RateStatus(limit, Remaining(bucket), TimeSpan.Zero) { Nodes = nodes }
            : new RateStatus(limit, 0, lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : limit.Window, Refused: true) { Nodes = nodes };
    }

    public void Dispose() => _sweeps.Dispose();

    /// <summary>Removes full buckets: a new one has the same content.</summary>
    internal void Sweep()
    {
        foreach (var (key, bucket) in _buckets)
        {
            bucket.TryReplenish();
            if (bucket.IdleDuration is not null && _buckets.TryRemove(key, out _))
                Interlocked.Decrement(ref _count);
        }
    }

    private static int Remaining(TokenBucketRateLimiter bucket) => (int)(bucket.GetStatistics()?.CurrentAvailablePermits ?? 0);

    private TokenBucketRateLimiter Find(TKey key, RateLimit limit, int nodes)
    {
        if (_buckets.TryGetValue((key, limit, nodes), out var known))
            return known;
        if (Volatile.Read(ref _count) >= _most)
            return _shared.GetOrAdd((limit, nodes), share => Create(share.Limit, share.Nodes));
        var made = Create(limit, nodes);
        var kept = _buckets.GetOrAdd((key, limit, nodes), made);
        if (ReferenceEquals(made, kept))
            Interlocked.Increment(ref _count);
        return kept;
    }

    private static TokenBucketRateLimiter Create(RateLimit limit, int nodes) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = RateStatus.ShareOf(limit, nodes),
        // One at a time, so that the time until the next one is exact.
        TokensPerPeriod = 1,
        ReplenishmentPeriod = limit.Window * nodes / limit.Requests,
        AutoReplenishment = false,
        QueueLimit = 0,
    });
}

/// <summary>The state of a limit after a request.</summary>
/// <param name="Remaining">The number of requests that may still be sent immediately, as far as this node knows.</param>
/// <param name="RetryAfter">For a refused request, the time until one more is allowed.</param>
internal readonly record struct RateStatus(RateLimit Limit, int Remaining, TimeSpan RetryAfter, bool Refused = false)
{
    /// <summary>The value for the header, in whole seconds; at least 1.</summary>
    public int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(RetryAfter.TotalSeconds));

    /// <summary>The number of nodes among which the limit is divided; 1 if they share one bucket.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The time until the bucket is full again, in whole seconds.</summary>
    public int ResetSeconds => (int)Math.Ceiling(Limit.Window.TotalSeconds * Nodes * (ShareOf(Limit, Nodes) - Remaining) / Limit.Requests);

    /// <summary>The size of the bucket of each node. Never zero: a node admits one request even if there are more nodes than requests, and its next one
    /// later.</summary>
    public static int ShareOf(RateLimit limit, int nodes) => Math.Max(1, limit.Requests / nodes);
}
