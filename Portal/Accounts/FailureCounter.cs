namespace Portal.Accounts;

/// <summary>Counts failures in leaky buckets, one for each key. A bucket holds <paramref name="limit"/> failures and drains
/// within <paramref name="window"/>.</summary>
/// <param name="capacity">The number of keys that are counted separately. Further keys share one bucket.</param>
internal sealed class FailureCounter<TKey>(TimeProvider clock, int limit, TimeSpan window, int capacity)
    where TKey : struct, IEquatable<TKey>
{
    /// <summary>The number of buckets that are checked at a time to make space for a key.</summary>
    internal const int BucketsPerCleanup = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, (double Level, long At)> _buckets = [];

    /// <summary>Every key once, in the order in which the buckets are checked.</summary>
    private readonly Queue<TKey> _order = new();
    private (double Level, long At) _shared;

    internal int Count
    {
        get
        {
            lock (_lock)
                return _buckets.Count;
        }
    }

    /// <summary>Whether further keys share one bucket.</summary>
    public bool IsAtCapacity => Count >= capacity;

    /// <summary>Counts a failure before its outcome is known.</summary>
    /// <returns>Null: it was counted. Otherwise the bucket is full and nothing was counted; the time until it has space again.</returns>
    public TimeSpan? TryTake(TKey key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var level = LevelAt(Find(key), now);
            if (level + 1 > limit)
                return (level + 1 - limit) / limit * window;
            Store(key, (level + 1, now));
            return null;
        }
    }

    /// <summary>Undoes <see cref="TryTake"/>, because the attempt didn't fail.</summary>
    public void GiveBack(TKey key)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            Store(key, (Math.Max(0, LevelAt(Find(key), now) - 1), now));
        }
    }

    /// <summary>Whether the next attempt would be refused.</summary>
    public bool IsFull(TKey key)
    {
        lock (_lock)
            return LevelAt(Find(key), clock.GetTimestamp()) + 1 > limit;
    }

    private (double Level, long At) Find(TKey key) => _buckets.TryGetValue(key, out var own) ? own : _buckets.Count < capacity ? default : _shared;

    private void Store(TKey key, (double Level, long At) bucket)
    {
        if (_buckets.ContainsKey(key))
        {
            _buckets[key] = bucket;
            return;
        }

        if (_buckets.Count >= capacity)
            RemoveEmpty(bucket.At);
        if (_buckets.Count >= capacity)
        {
            _shared = bucket;
            return;
        }

        _buckets[key] = bucket;
        _order.Enqueue(key);
    }

    /// <summary>Removes empty buckets. Checks only a few at a time, so that a full counter doesn't slow every attempt down.</summary>
    private void RemoveEmpty(long now)
    {
        for (var i = Math.Min(BucketsPerCleanup, _order.Count); i > 0; i--)
        {
            var key = _order.Dequeue();
            if (LevelAt(_buckets[key], now) <= 0)
                _buckets.Remove(key);
            else
                _order.Enqueue(key);
        }
    }

    private double LevelAt((double Level, long At) bucket, long now) =>
        Math.Max(0, bucket.Level - clock.GetElapsedTime(bucket.At, now) / window * limit);
}
