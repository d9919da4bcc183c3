using System.Runtime.InteropServices;

namespace Portal.Statistics;

/// <summary>Counts on their way to the database, token by token: what is written leaves, what is refused is offered again with
/// what came since.</summary>
internal sealed class CountBatch
{
    /// <summary>Of more tokens at once only counts and last use wait: their times and last requests are not worth the memory.</summary>
    internal const int MostInDetail = 20_000;

    private readonly Dictionary<long, TokenCounts> _tokens = [];
    private int _seen;

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Requests that wait.</summary>
    public long Requests => _tokens.Values.Sum(token => token.Counts.Values.Sum());

    /// <summary>The tokens that something waits for, oldest first.</summary>
    public IReadOnlyCollection<TokenCounts> Tokens => _tokens.Values;

    public void Add(RequestCounters.Shard shard)
    {
        foreach (var (key, count) in shard.Counts)
            CollectionsMarshal.GetValueRefOrAddDefault(Of(key.TokenId).Counts, key, out _) += count;
        foreach (var (key, use) in shard.Uses)
            if (!Of(key.TokenId).Uses.TryGetValue(key, out var known) || known.At <= use.At)
                Of(key.TokenId).Uses[key] = use;
        if (_tokens.Count <= MostInDetail)
            AddDetails(shard);
        foreach (var key in shard.Seen)
            if (_seen < RequestCounters.MostSeen && Of(key.TokenId).Seen.Add(key))
                _seen++;
    }

    private void AddDetails(RequestCounters.Shard shard)
    {
        foreach (var (key, count) in shard.Latencies)
            CollectionsMarshal.GetValueRefOrAddDefault(Of(key.TokenId).Latencies, key, out _) += count;
        foreach (var (tokenId, ring) in shard.Recent)
            (Of(tokenId).Recent ??= new RecentRing()).Add(ring);
    }

    /// <summary>Takes out a token that nothing waits for any more.</summary>
    public void Remove(TokenCounts token)
    {
        _seen -= token.Seen.Count;
        _tokens.Remove(token.TokenId);
    }

    /// <summary>Takes out what is written of a token whose last requests still wait.</summary>
    public void RemoveAllButRecent(TokenCounts token)
    {
        _seen -= token.Seen.Count;
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
}
