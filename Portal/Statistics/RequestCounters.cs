using System.Net;
using System.Runtime.InteropServices;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>A request that came with a secret of a token, as it is counted.</summary>
/// <param name="ModuleId">Empty: no module owns the path.</param>
/// <param name="Reason">Empty: passed on; else why Portal refused it.</param>
public readonly record struct CountKey(long TokenId, DateOnly Day, string ModuleId, int StatusCode, string Reason);

/// <summary>The latest request of a token with one of its secrets.</summary>
/// <param name="ModuleId">The module it was passed on to; empty: none.</param>
public readonly record struct Use(long SecretId, DateTime At, IPAddress? Address, string ModuleId);

/// <summary>The latest use of a token's secret, module by module.</summary>
public readonly record struct UseKey(long TokenId, long SecretId, string ModuleId);

/// <summary>Counts in memory what requests ended in, until the counts are taken away to the database.</summary>
/// <remarks>
/// Recording never waits for the database: it takes one of a few locks that are held for a dictionary look-up, and
/// allocates only for a combination that is new since the counts were last taken.
/// </remarks>
public sealed class RequestCounters
{
    /// <summary>Addresses that wait in memory, of one lock or one batch. More in a moment than that are a flood.</summary>
    internal const int MostSeen = 5_000;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => new Shard())];

    /// <summary>Counts a request, and marks token, secret and module as used just then.</summary>
    /// <param name="admitted">Whether the token and its address were good: then the address is one that it is used from.</param>
    public void Count(in CountKey key, in Use use, bool admitted = true)
    {
        var seen = admitted && use.Address is not null ? new SeenKey(key.TokenId, key.Day, AddressNumber.Of(use.Address)) : default;
        var shard = CurrentShard();
        lock (shard)
        {
            if (seen.TokenId != 0 && shard.Seen.Count < MostSeen)
                shard.Seen.Add(seen);
            CollectionsMarshal.GetValueRefOrAddDefault(shard.Counts, key, out _)++;
            shard.Uses[new UseKey(key.TokenId, use.SecretId, use.ModuleId)] = use;
        }
    }

    /// <summary>Counts a request whose secret was right once: nothing was used.</summary>
    public void Count(in CountKey key)
    {
        var shard = CurrentShard();
        lock (shard)
            CollectionsMarshal.GetValueRefOrAddDefault(shard.Counts, key, out _)++;
    }

    /// <summary>How many requests are counted here, and not taken away yet.</summary>
    internal long Waiting
    {
        get
        {
            var sum = 0L;
            foreach (var shard in _shards)
                lock (shard)
                    sum += shard.Counts.Values.Sum();
            return sum;
        }
    }

    /// <summary>Takes away all that was counted so far, adding it to <paramref name="batch"/>.</summary>
    internal void TakeInto(CountBatch batch)
    {
        foreach (var shard in _shards)
        {
            Dictionary<CountKey, long> counts;
            Dictionary<UseKey, Use> uses;
            HashSet<SeenKey> seen;
            lock (shard)
            {
                (counts, shard.Counts) = (shard.Counts, []);
                (uses, shard.Uses) = (shard.Uses, []);
                (seen, shard.Seen) = (shard.Seen, []);
            }

            batch.Add(counts, uses, seen);
        }
    }

    private Shard CurrentShard() => _shards[(uint)Thread.GetCurrentProcessorId() % (uint)_shards.Length];

    private sealed class Shard
    {
        public Dictionary<CountKey, long> Counts { get; set; } = [];
        public Dictionary<UseKey, Use> Uses { get; set; } = [];
        public HashSet<SeenKey> Seen { get; set; } = [];
    }
}

/// <summary>Counts on their way to the database. Kept when the database refuses them, and offered again with what came since.</summary>
internal sealed class CountBatch
{
    public Dictionary<CountKey, long> Counts { get; } = [];
    public Dictionary<UseKey, Use> Uses { get; } = [];
    public HashSet<SeenKey> Seen { get; } = [];
    public bool IsEmpty => Counts.Count == 0;

    public void Add(Dictionary<CountKey, long> counts, Dictionary<UseKey, Use> uses, HashSet<SeenKey> seen)
    {
        foreach (var (key, count) in counts)
            CollectionsMarshal.GetValueRefOrAddDefault(Counts, key, out _) += count;
        foreach (var (key, use) in uses)
            if (!Uses.TryGetValue(key, out var known) || known.At < use.At)
                Uses[key] = use;
        if (Seen.Count < RequestCounters.MostSeen)
            Seen.UnionWith(seen);
    }

    /// <summary>Keeps only what belongs to one of the tokens.</summary>
    /// <returns>How many requests were left out.</returns>
    public long RemoveAllBut(HashSet<long> tokenIds)
    {
        var removed = 0L;
        foreach (var key in Counts.Keys.Where(key => !tokenIds.Contains(key.TokenId)).ToList())
            removed += Counts.Remove(key, out var count) ? count : 0;
        foreach (var key in Uses.Keys.Where(key => !tokenIds.Contains(key.TokenId)).ToList())
            Uses.Remove(key);
        Seen.RemoveWhere(key => !tokenIds.Contains(key.TokenId));
        return removed;
    }

    public void Clear()
    {
        Counts.Clear();
        Uses.Clear();
        Seen.Clear();
    }
}
