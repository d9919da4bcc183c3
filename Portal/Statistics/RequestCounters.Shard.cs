using System.Runtime.InteropServices;

namespace Portal.Statistics;

public sealed partial class RequestCounters
{
    /// <summary>The state that one lock protects.</summary>
    internal sealed class Shard
    {
        /// <summary>The number of user agents of which one copy is kept.</summary>
        private const int MostClients = 64;

        private readonly string?[] _clients = new string?[MostClients];
        private Stack<TokenCounts> _spent = [];
        private TokenCounts? _latest;
        private Dictionary<long, TokenCounts>? _spare;
        private int _seen, _recentBytes, _reused;

        public Dictionary<long, TokenCounts> Tokens { get; private set; } = [];

        /// <summary>The number of requests whose details were dropped.</summary>
        public long Dropped { get; private set; }

        public TokenCounts Of(long tokenId) => _latest is { } latest && latest.TokenId == tokenId
            ? latest
            : _latest = CollectionsMarshal.GetValueRefOrAddDefault(Tokens, tokenId, out _) ??= Create(tokenId);

        /// <summary>Replaces the user agent by an equal one that is kept. Each connection has a copy of its own, and counts that refer to young copies
        /// cost as much as those that refer to young addresses, see <see cref="TokenCounts"/>.</summary>
        public Use Share(in Use use)
        {
            if (use.Client is not { Length: > 0 } client)
                return use;
            ref var kept = ref _clients[(client.Length + (31 * client[^1]) + (7 * client[client.Length / 2])) % MostClients];
            if (kept != client)
                kept = client;
            return ReferenceEquals(kept, client) ? use : use with { Client = kept };
        }

        private TokenCounts Create(long tokenId)
        {
            if (!_spent.TryPop(out var counts))
                return new TokenCounts(tokenId);
            _reused++;
            counts.TokenId = tokenId;
            return counts;
        }

        public void See(TokenCounts token, in SeenKey seen)
        {
            if (_seen < MostSeen && token.See(seen))
                _seen++;
        }

        public void Note(TokenCounts token, in CountKey key, in Use use, in ServedRequest served)
        {
            if (served.Duration is { } duration)
                token.CountLatency(new LatencyKey(key.Day, LatencyBuckets.Of(duration)));
            NoteRecent(token, key, use, served);
        }

        public void NoteRecent(TokenCounts token, in CountKey key, in Use use, in ServedRequest served)
        {
            if (_recentBytes >= MostRecentBytes)
            {
                Dropped++;
                return;
            }

            // The time when it began; the use lasts until its end.
            var at = use.At - (served.Duration ?? TimeSpan.Zero);
            _recentBytes += (token.Recent ??= new RecentRequestBuffer()).Add(new RecentRequestBuffer.Entry(at, served.Method!, served.Path, key.StatusCode, served.Duration, use.Address)
            {
                Reason = key.Reason, ModuleId = key.ModuleId, Client = use.Client, SecretId = use.SecretId, RequestId = served.RequestId,
            });
        }

        /// <summary>Returns its content and leaves it empty.</summary>
        public Shard Take()
        {
            lock (this)
            {
                var taken = new Shard { Tokens = Tokens, Dropped = Dropped };
                (Tokens, Dropped, _latest, _seen, _recentBytes) = (_spare ?? [], 0, null, 0, 0);
                _spare = null;
                return taken;
            }
        }

        /// <summary>Keeps objects that are no longer used for the next tokens.</summary>
        public void Refill(ReadOnlySpan<TokenCounts> spent, int most)
        {
            lock (this)
                foreach (var token in spent)
                    if (_spent.Count < most)
                        _spent.Push(token);
        }

        /// <returns>The number of objects that are kept for reuse, and of those that were reused since the last call.</returns>
        public (int Kept, int Reused) TakeReuse()
        {
            lock (this)
            {
                var reused = _reused;
                _reused = 0;
                return (_spent.Count, reused);
            }
        }

        /// <summary>Releases the objects that are kept for reuse.</summary>
        public void Release()
        {
            lock (this)
                _spent = [];
        }

        /// <summary>Keeps a table that was taken for the next tokens: growing a new one four times a second takes time from requests.</summary>
        public void Reuse(Dictionary<long, TokenCounts> taken)
        {
            if (taken.Count * MostEmpty < taken.Capacity)
                return;
            taken.Clear();
            lock (this)
                _spare = taken;
        }
    }
}
