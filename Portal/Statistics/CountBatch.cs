using System.Runtime.InteropServices;

namespace Portal.Statistics;

/// <summary>The counts of each token that are to be written to the database. Written counts are removed, and refused ones are tried again together
/// with new ones.</summary>
/// <remarks>If the database refuses them for a long time, details are dropped first, then the modules, reasons and hours of counts. The rest is bounded by
/// the number of tokens and days.</remarks>
internal sealed class CountBatch
{
    /// <summary>If more tokens than this are waiting, only their counts and last use are kept, to save memory.</summary>
    internal const int MostInDetail = 20_000;

    private readonly Dictionary<long, TokenCounts> _tokens = [];
    private int _seen, _counts, _latencies;
    private long _recentBytes;

    /// <summary>Whether details of further tokens would be kept.</summary>
    public bool HasRoomForDetails => _tokens.Count < MostInDetail;

    public bool IsEmpty => _tokens.Count == 0;

    /// <summary>The number of waiting requests.</summary>
    public long Requests { get; private set; }

    /// <summary>The number of requests that lost details since the last call of <see cref="TakeDropped"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>The maximum size of waiting recent requests, in bytes.</summary>
    public long MostRecentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The maximum number of different counts and different durations that wait with all details.</summary>
    public int MostEntries { get; init; } = 300_000;

    /// <summary>Empty objects for <see cref="RequestCounters"/> to use again.</summary>
    public List<TokenCounts> Spent { get; } = [];

    /// <summary>The tokens with waiting counts.</summary>
    public IReadOnlyCollection<TokenCounts> Tokens => _tokens.Values;

    /// <summary>Returns the tokens by ID, because neighbours share database pages: a transaction then writes a page once for many tokens. Those that
    /// couldn't be written come last.</summary>
    public TokenCounts[] InOrder()
    {
        TokenCounts[] tokens = [.. _tokens.Values];
        Array.Sort(tokens, (one, other) => one.Refused != other.Refused ? one.Refused.CompareTo(other.Refused) : one.TokenId.CompareTo(other.TokenId));
        return tokens;
    }

    /// <summary>Null if nothing waits for the token.</summary>
    public TokenCounts? Find(long tokenId) => _tokens.GetValueOrDefault(tokenId);

    public void Add(RequestCounters.Shard shard)
    {
        Dropped += shard.Dropped;
        foreach (var token in shard.Tokens.Values)
        {
            Requests += token.Requests;
            if (TryAdopt(token))
                continue;
            Merge(token);
            Spend(token);
        }
    }

    /// <summary>Records a use of a token, unless a later one of the same kind is waiting.</summary>
    public void Mark(long tokenId, in Use use)
    {
        Of(tokenId).Mark(use);
    }

    /// <returns>The value of <see cref="Dropped"/>, which is reset.</returns>
    public long TakeDropped()
    {
        var dropped = Dropped;
        Dropped = 0;
        return dropped;
    }

    /// <summary>Removes a token that nothing waits for.</summary>
    public void Remove(TokenCounts token)
    {
        RemoveAllButRecent(token);
        _recentBytes -= token.Recent?.Bytes ?? 0;
        _tokens.Remove(token.TokenId);
        Spend(token);
    }

    /// <summary>Removes the written counts of a token whose recent requests are still waiting.</summary>
    public void RemoveAllButRecent(TokenCounts token)
    {
        _seen -= token.Addresses;
        _counts -= token.Kinds;
        _latencies -= token.Times;
        Requests -= token.Requests;
        token.ClearAllButRecent();
    }

    /// <summary>Removes the counts of all other tokens.</summary>
    /// <returns>The number of requests that were removed.</returns>
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

    /// <summary>Adopts the counts of a token that nothing waits for, if at most a single one of a kind has no room.</summary>
    private bool TryAdopt(TokenCounts token)
    {
        if ((HasRoomForDetails && (_latencies + token.Times > MostEntries || _recentBytes >= MostRecentBytes))
            || (token.Addresses > 1 && _seen + token.Addresses > RequestCounters.MostSeen) || (token.Kinds > 1 && _counts + token.Kinds > MostEntries)
            || !_tokens.TryAdd(token.TokenId, token))
            return false;
        if (_tokens.Count > MostInDetail)
            token.ClearDetails();
        if (_seen + token.Addresses > RequestCounters.MostSeen)
            token.ClearAddresses();
        if (_counts + token.Kinds > MostEntries && token.ReplaceOnlyKey(WithoutKind))
            Dropped += token.Requests;
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
        foreach (var secret in added.Secrets)
            token.CountSecret(secret);
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
            key = WithoutKind(key);
            Dropped += count;
        }

        if (token.Count(key, count))
            _counts++;
    }

    /// <summary>Leaves out the details of a key. The reason for a retired key is kept: its requests don't count as responses.</summary>
    private static CountKey WithoutKind(CountKey key) =>
        key with { ModuleId = "", Reason = key.Reason == CountReason.RetiredKey ? key.Reason : "", Hour = null };

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
            _recentBytes += (token.Recent ??= new RecentRequestBuffer()).Add(recent);
    }

    private void Spend(TokenCounts token)
    {
        if (Spent.Count >= RequestCounters.MostSpent)
            return;
        token.Clear();
        Spent.Add(token);
    }

    private TokenCounts Of(long tokenId) => CollectionsMarshal.GetValueRefOrAddDefault(_tokens, tokenId, out _) ??= new TokenCounts(tokenId);
}
