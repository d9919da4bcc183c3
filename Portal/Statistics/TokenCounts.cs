using System.Runtime.InteropServices;

namespace Portal.Statistics;

/// <summary>What is counted for one token and waits to be written.</summary>
/// <remarks>Clients repeat themselves: what the latest request was counted as stands beside the dictionaries, so that the next one of the
/// same kind looks nothing up. Read it after <see cref="Settle"/>. Not for several threads at once.</remarks>
internal sealed class TokenCounts(long tokenId)
{
    private CountKey _latestKey;
    private long _latestCount;
    private Use _latestUse;
    private bool _hasLatestUse;
    private SeenKey _latestSeen;

    public long TokenId => tokenId;
    public Dictionary<CountKey, long> Counts { get; } = [];
    public Dictionary<LatencyKey, long> Latencies { get; } = [];
    public Dictionary<UseKey, Use> Uses { get; } = [];
    public HashSet<SeenKey> Seen { get; } = [];

    /// <summary>Null: none.</summary>
    public RecentRing? Recent { get; set; }

    /// <summary>How often it could not be written for a reason of its own.</summary>
    public int Refused { get; set; }

    public long Requests => Counts.Values.Sum() + _latestCount;

    public void Count(in CountKey key)
    {
        if (_latestCount > 0 && key == _latestKey)
        {
            _latestCount++;
            return;
        }

        SettleCount();
        (_latestKey, _latestCount) = (key, 1);
    }

    /// <summary>The latest use counts: a request that began early may end late.</summary>
    public void Mark(in Use use)
    {
        if (!_hasLatestUse || _latestUse.SecretId != use.SecretId || _latestUse.ModuleId != use.ModuleId)
            SettleUse();
        if (_hasLatestUse && _latestUse.At > use.At)
            return;
        (_latestUse, _hasLatestUse) = (use, true);
    }

    /// <returns>Whether it is new.</returns>
    public bool See(in SeenKey seen)
    {
        if (seen == _latestSeen)
            return false;
        _latestSeen = seen;
        return Seen.Add(seen);
    }

    public void CountLatency(in LatencyKey key, long count = 1) => CollectionsMarshal.GetValueRefOrAddDefault(Latencies, key, out _) += count;

    /// <summary>Puts the latest into the dictionaries.</summary>
    public void Settle()
    {
        SettleCount();
        SettleUse();
    }

    /// <summary>Forgets what is written, but for the last requests.</summary>
    public void ClearAllButRecent()
    {
        Counts.Clear();
        Latencies.Clear();
        Uses.Clear();
        Seen.Clear();
        _latestSeen = default;
    }

    private void SettleCount()
    {
        if (_latestCount > 0)
            CollectionsMarshal.GetValueRefOrAddDefault(Counts, _latestKey, out _) += _latestCount;
        _latestCount = 0;
    }

    private void SettleUse()
    {
        if (!_hasLatestUse)
            return;
        ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(Uses, new UseKey(_latestUse.SecretId, _latestUse.ModuleId), out var known);
        if (!known || latest.At <= _latestUse.At)
            latest = _latestUse;
        _hasLatestUse = false;
    }
}

/// <summary>The latest use of a token's secret, module by module.</summary>
internal readonly record struct UseKey(long SecretId, string ModuleId);

/// <summary>How long requests of a token took on a UTC day. See <see cref="LatencyBuckets"/>.</summary>
internal readonly record struct LatencyKey(DateOnly Day, int Bucket)
{
    public override int GetHashCode() => (Day.DayNumber << 9) + Bucket;
}
