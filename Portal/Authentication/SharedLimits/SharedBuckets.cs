using System.Collections.Concurrent;
using System.Security.Cryptography;
using Portal.Data.Nodes;
using Portal.Tokens;

namespace Portal.Authentication.SharedLimits;

/// <summary>Token buckets (the algorithm) that several nodes share through an <see cref="ILimitStore"/>. A decision never waits for the
/// store.</summary>
/// <remarks>
/// Every <see cref="LimitExchange.Interval"/>, each node adds what it has admitted to the store, and reads the buckets of which more than a third
/// is used. Until the next exchange, a node admits at most this much of a bucket of L requests, with N nodes that serve keys:
/// <list type="bullet">
/// <item>L / 2N if the bucket isn't among them. All nodes together then admit at most L / 2 before they know of each other, which is less than
/// the 2L / 3 that are left.</item>
/// <item>R / 3N if R requests are left. All nodes together admit a third of what was left one interval ago: R'(t) = -R(t - 1) / 3. The solution
/// of this equation approaches zero without crossing it, because 1/3 is less than 1/e. With 1/2, as many as 5 % more would be admitted.</item>
/// <item>If this is less than one request, one request with that probability. Several nodes can do so at the same time, so that N requests more
/// than the limit are possible at worst.</item>
/// </list>
/// The store also keeps what was admitted beyond the limit: the bucket is then below zero, and the next requests wait longer.
/// A limit below 2N begins with one request for each node. If the nodes get their first requests within one interval, they admit up to N.
/// Without the store, a node admits its share of the limit: the bucket continues from its last state and fills at L / N for each window.
/// </remarks>
internal sealed class SharedBuckets : IDisposable
{
    /// <summary>The part of a bucket that may be used without being read by the other nodes.</summary>
    public const double UnlistedUse = 1.0 / 3;

    /// <summary>The age of the last exchange at which the store counts as lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The most that admitted requests can be ahead, as a multiple of the window. More means that the store's clock has gone back.</summary>
    private const int MostWindows = 2;

    private const int MostBuckets = 1_000_000;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<LimitedToken, SharedBucket> _buckets = new();
    private readonly INodeCount _nodes;
    private readonly TimeProvider _clock;
    private readonly ulong _seed;
    private readonly ITimer _sweeps;

    /// <summary>The buckets with requests that the store doesn't know yet.</summary>
    private readonly ConcurrentQueue<SharedBucket> _spent = new();
    private volatile StoreKnowledge? _known;
    private int _count;

    public SharedBuckets(INodeCount nodes, TimeProvider clock)
        : this(nodes, clock, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))))
    {
    }

    /// <param name="seed">Determines how this node rounds.</param>
    internal SharedBuckets(INodeCount nodes, TimeProvider clock, ulong seed)
    {
        (_nodes, _clock, _seed) = (nodes, clock, seed);
        _sweeps = clock.CreateTimer(_ => Sweep(), null, BetweenSweeps, BetweenSweeps);
    }

    /// <summary>The number of buckets in memory.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The store's time, in microseconds; null before the first exchange.</summary>
    public double? StoreTime => View() is { Known: not null } view ? view.Now : null;

    /// <summary>Takes one request out of the token's bucket.</summary>
    public RateStatus Take(long tokenId, RateLimit limit)
    {
        var view = View();
        while (true)
        {
            var bucket = Find(new LimitedToken(tokenId, limit));
            lock (bucket)
            {
                if (bucket.IsRemoved)
                    continue;
                var status = bucket.Take(view, out var isFirst);
                if (isFirst)
                    _spent.Enqueue(bucket);
                return status;
            }
        }
    }

    /// <summary>Takes what was admitted since the last time.</summary>
    public List<Spending> Drain()
    {
        var view = View();
        var count = _spent.Count;
        var all = new List<Spending>(count);
        while (count-- > 0 && _spent.TryDequeue(out var bucket))
            lock (bucket)
                if (bucket.Drain(view) is > 0 and var requests)
                    all.Add(new Spending(bucket.Token, requests));
        return all;
    }

    /// <summary>Applies the store's answer.</summary>
    /// <param name="spent">What was drained for the exchange.</param>
    /// <param name="mayBeEmpty">Whether the store may have lost what it knew, because it couldn't be reached before.</param>
    /// <returns>Times in the store that are impossibly late, with the latest possible ones: the store's clock has gone back, for example because
    /// another server has taken over. And times that the store may have lost.</returns>
    public LimitCorrections Learn(StoreAnswer answer, IReadOnlyList<Spending> spent, bool mayBeEmpty = false)
    {
        var raised = mayBeEmpty ? FindFormer(answer) : LimitCorrections.None.Raised;
        for (var i = 0; i < spent.Count; i++)
            if (_buckets.TryGetValue(spent[i].Token, out var bucket))
                lock (bucket)
                    bucket.FullAt = answer.Spent[i];
        _known = new StoreKnowledge((_known?.Round ?? 0) + 1, answer.Time, _clock.GetTimestamp(), WithFormer(answer, raised));
        var nodes = _nodes.ServingKeys;
        return new LimitCorrections(
            answer.Used
                .Where(used => used.Value - answer.Time > Math.Max(used.Key.Window * MostWindows, used.Key.Window + (used.Key.Step * nodes)))
                .ToDictionary(used => used.Key, used => answer.Time + used.Key.Window),
            raised);
    }

    /// <summary>Finds the buckets that aren't full yet by what this node knew before the answer.</summary>
    private Dictionary<LimitedToken, double> FindFormer(StoreAnswer answer)
    {
        var former = new Dictionary<LimitedToken, double>();
        foreach (var (token, bucket) in _buckets)
            lock (bucket)
                Add(token, bucket.FullAt);
        foreach (var (token, fullAt) in _known?.Used ?? former)
            Add(token, fullAt);
        return former;

        void Add(LimitedToken token, double fullAt)
        {
            // Another server can have another clock.
            var possible = Math.Min(fullAt, answer.Time + token.Window);
            if (possible > Math.Max(answer.Time, former.GetValueOrDefault(token)))
                former[token] = possible;
        }
    }

    /// <summary>Adds the buckets that the store will have again after the next exchange.</summary>
    private static IReadOnlyDictionary<LimitedToken, double> WithFormer(StoreAnswer answer, IReadOnlyDictionary<LimitedToken, double> former)
    {
        if (former.Count == 0)
            return answer.Used;
        var used = new Dictionary<LimitedToken, double>(answer.Used);
        foreach (var (token, fullAt) in former)
            if (fullAt - answer.Time > Math.Max(token.Window * UnlistedUse, answer.Used.GetValueOrDefault(token) - answer.Time))
                used[token] = fullAt;
        return used;
    }

    public void Dispose() => _sweeps.Dispose();

    /// <summary>Removes buckets that are as good as new.</summary>
    internal void Sweep()
    {
        var view = View();
        foreach (var (token, bucket) in _buckets)
            lock (bucket)
                if (bucket.IsIdle(view) && _buckets.TryRemove(token, out _))
                {
                    bucket.IsRemoved = true;
                    Interlocked.Decrement(ref _count);
                }
    }

    private NodeView View()
    {
        var (known, now) = (_known, _clock.GetTimestamp());
        return new NodeView(Math.Max(1, _nodes.ServingKeys), known, _clock, now, known is not null && _clock.GetElapsedTime(known.Timestamp, now) < Patience, _seed);
    }

    private SharedBucket Find(LimitedToken token)
    {
        if (_buckets.TryGetValue(token, out var known))
            return known;
        // Beyond the maximum, all other tokens share one bucket for each limit.
        if (Volatile.Read(ref _count) >= MostBuckets)
            token = token with { TokenId = 0 };
        var made = new SharedBucket(token);
        var kept = _buckets.GetOrAdd(token, made);
        if (ReferenceEquals(made, kept))
            Interlocked.Increment(ref _count);
        return kept;
    }
}
