using System.Runtime.InteropServices;
using Portal.Addresses;

namespace Portal.Statistics;

/// <summary>The counts of one token that aren't written yet.</summary>
/// <remarks>Clients repeat themselves, and with very many tokens each sends only a request or two. The first of each kind is therefore stored in the
/// object itself, and only different ones need tables. Objects are reused, see <see cref="RequestCounters"/>. Not thread-safe.</remarks>
internal sealed class TokenCounts(long tokenId)
{
    private Sums<CountKey> _counts;
    private Sums<LatencyKey> _latencies;
    private StoredUse _use;
    private bool _isUsed;
    private Dictionary<UseKey, StoredUse>? _otherUses;
    private SecretCount _secret;
    private Dictionary<long, SecretCount>? _otherSecrets;
    private SeenKey _seen;
    private HashSet<SeenKey>? _otherSeen;

    /// <summary>Only set for an object that is reused.</summary>
    public long TokenId { get; set; } = tokenId;

    /// <summary>The number of requests by key.</summary>
    public IEnumerable<KeyValuePair<CountKey, long>> Counts => _counts.All;

    /// <summary>The number of different kinds of requests.</summary>
    public int Kinds => _counts.Length;

    public IEnumerable<KeyValuePair<LatencyKey, long>> Latencies => _latencies.All;

    /// <summary>The number of different durations.</summary>
    public int Times => _latencies.Length;

    /// <summary>The latest use of each secret and module.</summary>
    public IReadOnlyList<Use> Uses =>
        !_isUsed ? [] : _otherUses is null ? [_use.Read()] : [_use.Read(), .. _otherUses.Values.Select(use => use.Read())];

    /// <summary>The number of requests with each secret on the latest day.</summary>
    public IEnumerable<SecretCount> Secrets => _secret.Count == 0 ? [] : _otherSecrets is null ? [_secret] : [_secret, .. _otherSecrets.Values];

    public IReadOnlyCollection<SeenKey> Seen => _seen == default ? [] : _otherSeen is null ? [_seen] : [_seen, .. _otherSeen];

    /// <summary>The number of different addresses.</summary>
    public int Addresses => _seen == default ? 0 : 1 + (_otherSeen?.Count ?? 0);

    /// <summary>Null if there are none.</summary>
    public RecentRequestBuffer? Recent { get; set; }

    /// <summary>The number of times it couldn't be written for a reason of its own.</summary>
    public int Refused { get; set; }

    public long Requests { get; private set; }

    /// <returns>Whether it is a new kind of request.</returns>
    public bool Count(in CountKey key, long count = 1)
    {
        Requests += count;
        return _counts.Add(key, count);
    }

    public bool Counted(in CountKey key) => _counts.Contains(key);

    /// <returns>Whether it is a new duration.</returns>
    public bool CountLatency(in LatencyKey key, long count = 1) => _latencies.Add(key, count);

    public bool Counted(in LatencyKey key) => _latencies.Contains(key);

    /// <summary>Keeps the latest use: a request that began early may end late.</summary>
    public void Mark(in Use use)
    {
        if (!_isUsed || (_use.SecretId == use.SecretId && _use.ModuleId == use.ModuleId))
        {
            if (!_isUsed || _use.At <= use.At)
                (_use, _isUsed) = (new StoredUse(use), true);
            return;
        }

        ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_otherUses ??= [], new UseKey(use.SecretId, use.ModuleId), out var known);
        if (!known || latest.At <= use.At)
            latest = new StoredUse(use);
    }

    /// <summary>Counts requests with a secret. Only those of the latest day are kept.</summary>
    public void CountSecret(in SecretCount added)
    {
        if (_secret.Count == 0 || _secret.SecretId == added.SecretId)
        {
            _secret = _secret.With(added);
            return;
        }

        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_otherSecrets ??= [], added.SecretId, out _);
        sum = sum.With(added);
    }

    /// <returns>Whether it is new.</returns>
    public bool See(in SeenKey seen)
    {
        if (seen == _seen)
            return false;
        if (_seen != default)
            return (_otherSeen ??= []).Add(seen);
        _seen = seen;
        return true;
    }

    /// <summary>Removes everything, so that the object can be reused.</summary>
    public void Clear()
    {
        ClearAllButRecent();
        (Recent, Refused) = (null, 0);
    }

    /// <summary>Removes the durations and recent requests.</summary>
    public void ClearDetails() => (_latencies, Recent) = (default, null);

    public void ClearAddresses() => (_seen, _otherSeen) = (default, null);

    /// <summary>Replaces the key under which all requests are counted.</summary>
    /// <returns>Whether it was another one.</returns>
    public bool ReplaceOnlyKey(Func<CountKey, CountKey> replace) => _counts.ReplaceOnly(replace);

    /// <summary>Removes the written counts, but keeps the recent requests.</summary>
    public void ClearAllButRecent()
    {
        (_counts, _latencies, Requests) = (default, default, 0);
        (_use, _isUsed, _otherUses) = (default, false, null);
        (_secret, _otherSecrets) = (default, null);
        (_seen, _otherSeen) = (default, null);
    }

    /// <summary>A use without the objects of its connection. With many tokens in use, the garbage collector would read each token that refers to a
    /// connection of the last seconds, and requests would wait for it.</summary>
    private readonly struct StoredUse(in Use use)
    {
        private readonly UInt128? _address = use.Address is null ? null : AddressNumber.Of(use.Address);

        public long SecretId { get; } = use.SecretId;
        public DateTime At { get; } = use.At;
        public string ModuleId { get; } = use.ModuleId;
        private string? Client { get; } = use.Client;

        public Use Read() => new(SecretId, At, _address is { } address ? AddressNumber.ToAddress(address) : null, ModuleId, Client);
    }

    /// <summary>A sum for each key.</summary>
    private struct Sums<TKey>
        where TKey : struct, IEquatable<TKey>
    {
        private TKey _first;
        private long _sumOfFirst;
        private Dictionary<TKey, long>? _others;

        public readonly int Length => _sumOfFirst == 0 ? 0 : 1 + (_others?.Count ?? 0);

        public readonly IEnumerable<KeyValuePair<TKey, long>> All =>
            _sumOfFirst == 0 ? [] : _others is null ? [new(_first, _sumOfFirst)] : [new(_first, _sumOfFirst), .. _others];

        /// <returns>Whether the key is new.</returns>
        public bool Add(in TKey key, long added)
        {
            if (_sumOfFirst > 0 && !_first.Equals(key))
            {
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_others ??= [], key, out var known);
                sum += added;
                return !known;
            }

            var isNew = _sumOfFirst == 0;
            (_first, _sumOfFirst) = (key, _sumOfFirst + added);
            return isNew;
        }

        /// <inheritdoc cref="ReplaceOnlyKey"/>
        public bool ReplaceOnly(Func<TKey, TKey> replace)
        {
            var replaced = replace(_first);
            var isOther = !replaced.Equals(_first);
            _first = replaced;
            return isOther;
        }

        public readonly bool Contains(in TKey key) => _sumOfFirst > 0 && (_first.Equals(key) || _others?.ContainsKey(key) is true);
    }
}

/// <summary>A token's secret and the module that it was used for.</summary>
internal readonly record struct UseKey(long SecretId, string ModuleId);

/// <summary>The number of requests with a secret on a UTC day.</summary>
internal readonly record struct SecretCount(long SecretId, DateOnly Day, long Count)
{
    /// <summary>Adds a number of the same secret. The later day replaces the earlier one.</summary>
    public SecretCount With(in SecretCount added) =>
        Count == 0 || added.Day > Day ? added : added.Day == Day ? this with { Count = Count + added.Count } : this;
}

/// <summary>The duration of a token's requests on a UTC day. See <see cref="LatencyBuckets"/>.</summary>
internal readonly record struct LatencyKey(DateOnly Day, int Bucket)
{
    public override int GetHashCode() => (Day.DayNumber << 9) + Bucket;
}
