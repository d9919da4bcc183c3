using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Token buckets, one for each key and limit: made when first asked for, let go when they are full again.</summary>
/// <remarks>Memory is bounded by what was in use within the time that a bucket takes to fill.</remarks>
internal sealed class RateBuckets<TKey> : IDisposable
    where TKey : notnull, IEquatable<TKey>
{
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(TKey Key, RateLimit Limit), TokenBucketRateLimiter> _buckets = new();
    private readonly ConcurrentDictionary<RateLimit, TokenBucketRateLimiter> _shared = new();
    private readonly int _most;
    private readonly ITimer _sweeps;
    private int _count;

    /// <param name="most">So many buckets at once; beyond that, all others share one.</param>
    public RateBuckets(TimeProvider clock, int most)
    {
        _most = most;
        _sweeps = clock.CreateTimer(_ => Sweep(), null, BetweenSweeps, BetweenSweeps);
    }

    /// <summary>Buckets in memory, but for the shared ones.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Takes one out of the bucket.</summary>
    public RateStatus Take(TKey key, RateLimit limit)
    {
        var bucket = Find(key, limit);
        // A bucket is filled when it is looked at, and not by a timer of its own.
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        return lease.IsAcquired
            ? new RateStatus(limit, Remaining(bucket), TimeSpan.Zero)
            : new RateStatus(limit, 0, lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : limit.Window, Refused: true);
    }

    public void Dispose() => _sweeps.Dispose();

    /// <summary>Lets go of the buckets that are full: a new one is the same.</summary>
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

    private TokenBucketRateLimiter Find(TKey key, RateLimit limit)
    {
        if (_buckets.TryGetValue((key, limit), out var known))
            return known;
        if (Volatile.Read(ref _count) >= _most)
            return _shared.GetOrAdd(limit, Create);
        var made = Create(limit);
        var kept = _buckets.GetOrAdd((key, limit), made);
        if (ReferenceEquals(made, kept))
            Interlocked.Increment(ref _count);
        return kept;
    }

    private static TokenBucketRateLimiter Create(RateLimit limit) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = limit.Requests,
        // One at a time, so that the time until the next one is exact.
        TokensPerPeriod = 1,
        ReplenishmentPeriod = limit.Window / limit.Requests,
        AutoReplenishment = false,
        QueueLimit = 0,
    });
}

/// <summary>How a limit stands after a request.</summary>
/// <param name="Remaining">So many more may come at once.</param>
/// <param name="RetryAfter">When refused: until one more may come.</param>
internal readonly record struct RateStatus(RateLimit Limit, int Remaining, TimeSpan RetryAfter, bool Refused = false)
{
    /// <summary>Whole seconds, at least one: what a header can say.</summary>
    public int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(RetryAfter.TotalSeconds));

    /// <summary>Until the bucket is full again, in whole seconds.</summary>
    public int ResetSeconds => (int)Math.Ceiling(Limit.Window.TotalSeconds * (Limit.Requests - Remaining) / Limit.Requests);
}
