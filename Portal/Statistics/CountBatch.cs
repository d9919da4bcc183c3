using System.Runtime.InteropServices;

namespace Portal.Statistics;

/// <summary>Counts on their way to the database, token by token: what is written leaves, what is refused is offered again with
/// what came since.</summary>
/// <remarks>While the database refuses them for long, details go first, then the modules and reasons of counts: what is left is bounded by
/// the number of tokens and days.</remarks>
internal sealed class CountBatch
{
    /// <summary>Of more tokens at once only counts and last use wait: their times and last requests are not worth the memory.</summary>
    internal const int MostInDetail = 20_000;

    private readonly Dictionary<long, TokenCounts> _tokens = [];
    private int _seen, _counts, _latencies;
    private long _recentBytes;

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Requests that wait.</summary>
    public long Requests => _tokens.Values.Sum(token => token.Counts.Values.Sum());

    /// <summary>Requests of which a part was left out since <see cref="TakeDropped"/> was asked.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bytes of last requests that may wait.</summary>
    public long MostRecentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Different counts, and different times, that may wait in full.</summary>
    public int MostEntries { get; init; } = 300_000;

    /// <summary>The tokens that something waits for, oldest first; those that could not be written last.</summary>
    public IEnumerable<TokenCounts> Tokens => _tokens.Values.OrderBy(token => token.Refused);

    /// <summary>Null: nothing waits for it.</summary>
    public TokenCounts? Find(long tokenId) => _tokens.GetValueOrDefault(tokenId);

    public void Add(RequestCounters.Shard shard)
    {
        Dropped += shard.Dropped;
        foreach (var (key, count) in shard.Counts)
            Add(key, count);
        foreach (var (key, use) in shard.Uses)
            Mark(key.TokenId, use);
        if (_tokens.Count <= MostInDetail)
            AddDetails(shard);
        foreach (var key in shard.Seen)
            if (_seen < RequestCounters.MostSeen && Of(key.TokenId).Seen.Add(key))
                _seen++;
    }

    /// <summary>Notes a use of a token, unless a later one of the same kind waits.</summary>
    public void Mark(long tokenId, in Use use)
    {
        ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(Of(tokenId).Uses, new UseKey(tokenId, use.SecretId, use.ModuleId), out var known);
        if (!known || latest.At <= use.At)
            latest = use;
    }

    /// <returns>What <see cref="Dropped"/> says, which begins anew.</returns>
    public long TakeDropped()
    {
        var dropped = Dropped;
        Dropped = 0;
        return dropped;
    }

    /// <summary>Takes out a token that nothing waits for any more.</summary>
    public void Remove(TokenCounts token)
    {
        RemoveAllButRecent(token);
        _recentBytes -= token.Recent?.Bytes ?? 0;
        _tokens.Remove(token.TokenId);
    }

    /// <summary>Takes out what is written of a token whose last requests still wait.</summary>
    public void RemoveAllButRecent(TokenCounts token)
    {
        _seen -= token.Seen.Count;
        _counts -= token.Counts.Count;
        _latencies -= token.Latencies.Count;
        token.Counts.Clear();
        token.Latencies.Clear();
        token.Uses.Clear();
        token.Seen.Clear();
    }

    /// <summary>Keeps only what belongs to one of the tokens.</summary>
    /// <returns>How many requests were left out.</returns>
    public long RemoveAllBut(HashSet<long> tokenIds)
    {
        var removed = 0L;
        foreach (var token in _tokens.Values.Where(token => !tokenIds.Contains(token.TokenId)).ToList())
        {
            removed += token.Counts.Values.Sum();
            Remove(token);
        }

        return removed;
    }

    private void Add(CountKey key, long count)
    {
        var counts = Of(key.TokenId).Counts;
        if (_counts >= MostEntries && !counts.ContainsKey(key))
        {
            // A retired key stays one: its requests are not among the responses.
            key = key with { ModuleId = "", Reason = key.Reason == CountReason.RetiredKey ? key.Reason : "" };
            Dropped += count;
        }

        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out var known);
        sum += count;
        if (!known)
            _counts++;
    }

    private void AddDetails(RequestCounters.Shard shard)
    {
        foreach (var (key, count) in shard.Latencies)
        {
            if (_latencies >= MostEntries && Find(key.TokenId)?.Latencies.ContainsKey(key) is not true)
                continue;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(Of(key.TokenId).Latencies, key, out var known);
            sum += count;
            if (!known)
                _latencies++;
        }

        foreach (var (tokenId, ring) in shard.Recent)
            if (_recentBytes >= MostRecentBytes)
                Dropped += ring.Count;
            else
                _recentBytes += (Of(tokenId).Recent ??= new RecentRing()).Add(ring);
    }

    private TokenCounts Of(long tokenId) => CollectionsMarshal.GetValueRefOrAddDefault(_tokens, tokenId, out _) ??= new TokenCounts(tokenId);
}

/// <summary>What waits for one token.</summary>
internal sealed class TokenCounts(long tokenId)
{
    public long TokenId => tokenId;
    public Dictionary<CountKey, long> Counts { get; } = [];
    public Dictionary<LatencyKey, long> Latencies { get; } = [];
    public Dictionary<UseKey, Use> Uses { get; } = [];
    public HashSet<SeenKey> Seen { get; } = [];

    /// <summary>Null: none.</summary>
    public RecentRing? Recent { get; set; }

    /// <summary>How often it could not be written for a reason of its own.</summary>
    public int Refused { get; set; }
}
