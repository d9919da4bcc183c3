using System.Runtime.InteropServices;

namespace Portal.Statistics;

/// <summary>Counts on their way to the database, token by token: what is written leaves, what is refused is offered again with
/// what came since.</summary>
/// <remarks>While the database refuses them for long, details go first, then the modules and reasons of counts: what is left is bounded by
/// the number of tokens and days.</remarks>
internal sealed class CountBatch
{
    /// <summary>If more tokens than this are waiting, only their counts and last use are kept, to save memory.</summary>
    internal const int MostInDetail = 20_000;

    private readonly Dictionary<long, TokenCounts> _tokens = [];
    private int _seen, _counts, _latencies;
    private long _recentBytes;

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>Requests that wait.</summary>
    public long Requests { get; private set; }

    /// <summary>Requests of which a part was left out since <see cref="TakeDropped"/> was asked.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bytes of last requests that may wait.</summary>
    public long MostRecentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Different counts, and different times, that may wait in full.</summary>
    public int MostEntries { get; init; } = 300_000;

    /// <summary>The tokens that something waits for.</summary>
    public IReadOnlyCollection<TokenCounts> Tokens => _tokens.Values;

    /// <summary>The tokens in the order of the database, where neighbours share pages: a page is then written for many tokens, not for each
    /// anew. Those that could not be written come last.</summary>
    public TokenCounts[] InOrder()
    {
        TokenCounts[] tokens = [.. _tokens.Values];
        Array.Sort(tokens, (one, other) => one.Refused != other.Refused ? one.Refused.CompareTo(other.Refused) : one.TokenId.CompareTo(other.TokenId));
        return tokens;
    }

    /// <summary>Null: nothing waits for it.</summary>
    public TokenCounts? Find(long tokenId) => _tokens.GetValueOrDefault(tokenId);

    public void Add(RequestCounters.Shard shard)
    {
        Dropped += shard.Dropped;
        foreach (var token in shard.Tokens.Values)
        {
            Requests += token.Requests;
            if (!TryAdopt(token))
                Merge(token);
        }
    }

    /// <summary>Notes a use of a token, unless a later one of the same kind waits.</summary>
    public void Mark(long tokenId, in Use use)
    {
        Of(tokenId).Mark(use);
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
        _seen -= token.Addresses;
        _counts -= token.Kinds;
        _latencies -= token.Times;
        Requests -= token.Requests;
        token.ClearAllButRecent();
    }

    /// <summary>Keeps only what belongs to one of the tokens.</summary>
    /// <returns>How many requests were left out.</returns>
    public long RemoveAllBut(HashSet<long> tokenIds)
    {
        var removed = 0L;
        foreach (var token in _tokens.Values.Where(token => !tokenIds.Contains(token.TokenId)).ToList())
        {
            removed += token.Requests;
            Remove(token);
        }

        return removed;
    }

    /// <summary>Takes over all that was counted for a token that nothing waits for, if there is room for it.</summary>
    private bool TryAdopt(TokenCounts token)
    {
        if (_tokens.Count >= MostInDetail || _seen + token.Addresses > RequestCounters.MostSeen || _counts + token.Kinds > MostEntries
            || _latencies + token.Times > MostEntries || _recentBytes >= MostRecentBytes || !_tokens.TryAdd(token.TokenId, token))
            return false;
        _seen += token.Addresses;
        _counts += token.Kinds;
        _latencies += token.Times;
        _recentBytes += token.Recent?.Bytes ?? 0;
        return true;
    }

    private void Merge(TokenCounts added)
    {
        var token = Of(added.TokenId);
        foreach (var (key, count) in added.Counts)
            Add(token, key, count);
        foreach (var use in added.Uses)
            token.Mark(use);
        if (_tokens.Count <= MostInDetail)
            AddDetails(token, added);
        foreach (var seen in added.Seen)
            if (_seen < RequestCounters.MostSeen && token.See(seen))
                _seen++;
    }

    private void Add(TokenCounts token, CountKey key, long count)
    {
        if (_counts >= MostEntries && !token.Counted(key))
        {
            // A retired key stays one: its requests are not among the responses.
            key = key with { ModuleId = "", Reason = key.Reason == CountReason.RetiredKey ? key.Reason : "" };
            Dropped += count;
        }

        if (token.Count(key, count))
            _counts++;
    }

    private void AddDetails(TokenCounts token, TokenCounts added)
    {
        foreach (var (key, count) in added.Latencies)
            if ((_latencies < MostEntries || token.Counted(key)) && token.CountLatency(key, count))
                _latencies++;

        if (added.Recent is not { } recent)
            return;
        if (_recentBytes >= MostRecentBytes)
            Dropped += recent.Count;
        else
            _recentBytes += (token.Recent ??= new RecentRing()).Add(recent);
    }

    private TokenCounts Of(long tokenId) => CollectionsMarshal.GetValueRefOrAddDefault(_tokens, tokenId, out _) ??= new TokenCounts(tokenId);
}
