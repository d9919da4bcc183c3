using System.Net;
using System.Runtime.InteropServices;
using Portal.Addresses;

namespace Portal.Statistics;

/// <summary>A request that came with a secret of a token, as it is counted.</summary>
/// <param name="ModuleId">Empty: no module owns the path.</param>
/// <param name="Reason">Empty: passed on; else why Portal refused it.</param>
public readonly record struct CountKey(long TokenId, DateOnly Day, string ModuleId, int StatusCode, string Reason);

/// <summary>The latest request of a token with one of its secrets.</summary>
/// <param name="ModuleId">The module it was passed on to; empty: none.</param>
/// <param name="Client">The user agent; null if the client sends none.</param>
public readonly record struct Use(long SecretId, DateTime At, IPAddress? Address, string ModuleId, string? Client = null);

/// <summary>Counts in memory what requests ended in, until the counts are taken away to the database.</summary>
/// <remarks>
/// Recording never waits for the database: it takes one of a few locks that are held for a look-up or two, and
/// allocates only for a token or a combination that is new since the counts were last taken.
/// </remarks>
public sealed class RequestCounters
{
    /// <summary>Addresses that wait in memory, of one lock or one batch. More in a moment than that are a flood.</summary>
    internal const int MostSeen = 5_000;

    /// <summary>Bytes of last requests that one lock holds. They are taken away four times a second, unless the database keeps the one
    /// who does that waiting.</summary>
    internal const int MostRecentBytes = 8 * 1024 * 1024;

    /// <summary>Characters of what a client calls itself; more than is kept once it is cleaned.</summary>
    private const int MostOfClient = 4 * RecentRequest.LongestClient;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => new Shard())];

    /// <summary>Counts a request, and marks token, secret and module as used just then.</summary>
    /// <param name="admitted">Whether the token and its address were good: then the address is one that it is used from.</param>
    /// <param name="served">What to note of the request itself; by default nothing.</param>
    public void Count(in CountKey key, in Use use, bool admitted = true, in ServedRequest served = default)
    {
        var seen = admitted && use.Address is not null ? new SeenKey(key.TokenId, key.Day, AddressNumber.Of(use.Address)) : default;
        var shard = CurrentShard();
        lock (shard)
        {
            var token = shard.Of(key.TokenId);
            token.Count(key);
            token.Mark(use.Client is { Length: > MostOfClient } client ? use with { Client = client[..MostOfClient] } : use);
            if (seen.TokenId != 0)
                shard.See(token, seen);
            if (served.Method is not null)
                shard.Note(token, key, use, served);
        }
    }

    /// <summary>Counts a request whose secret was right once: nothing was used.</summary>
    public void Count(in CountKey key)
    {
        var shard = CurrentShard();
        lock (shard)
            shard.Of(key.TokenId).Count(key);
    }

    /// <summary>How many requests are counted here, and not taken away yet.</summary>
    internal long Waiting
    {
        get
        {
            var sum = 0L;
            foreach (var shard in _shards)
                lock (shard)
                    sum += shard.Tokens.Values.Sum(token => token.Requests);
            return sum;
        }
    }

    /// <summary>The last requests of a token that are not taken away yet.</summary>
    internal IEnumerable<RecentRequest> Recent(long tokenId)
    {
        List<RecentRequest> found = [];
        foreach (var shard in _shards)
            lock (shard)
                if (shard.Tokens.TryGetValue(tokenId, out var token) && token.Recent is { } ring)
                    found.AddRange(ring.Read());
        return found;
    }

    /// <summary>Takes away all that was counted so far, adding it to <paramref name="batch"/>.</summary>
    internal void TakeInto(CountBatch batch)
    {
        foreach (var shard in _shards)
            batch.Add(shard.Take());
    }

    private Shard CurrentShard() => _shards[(uint)Thread.GetCurrentProcessorId() % (uint)_shards.Length];

    /// <summary>The state that one lock guards.</summary>
    internal sealed class Shard
    {
        private TokenCounts? _latest;
        private int _seen, _recentBytes;

        public Dictionary<long, TokenCounts> Tokens { get; private set; } = [];

        /// <summary>Requests whose details were left out.</summary>
        public long Dropped { get; private set; }

        public TokenCounts Of(long tokenId) => _latest is { } latest && latest.TokenId == tokenId
            ? latest
            : _latest = CollectionsMarshal.GetValueRefOrAddDefault(Tokens, tokenId, out _) ??= new TokenCounts(tokenId);

        public void See(TokenCounts token, in SeenKey seen)
        {
            if (_seen < MostSeen && token.See(seen))
                _seen++;
        }

        public void Note(TokenCounts token, in CountKey key, in Use use, in ServedRequest served)
        {
            if (served.Duration is { } duration)
                token.CountLatency(new LatencyKey(key.Day, LatencyBuckets.Of(duration)));
            if (_recentBytes >= MostRecentBytes)
            {
                Dropped++;
                return;
            }

            // When it began; the use lasts until its end.
            var at = use.At - (served.Duration ?? TimeSpan.Zero);
            _recentBytes += (token.Recent ??= new RecentRing()).Add(new RecentRing.Entry(at, served.Method!, served.Path, key.StatusCode, served.Duration, use.Address));
        }

        /// <summary>All that is in it, which leaves it empty.</summary>
        public Shard Take()
        {
            lock (this)
            {
                var taken = new Shard { Tokens = Tokens, Dropped = Dropped };
                (Tokens, Dropped, _latest, _seen, _recentBytes) = ([], 0, null, 0, 0);
                return taken;
            }
        }
    }
}
