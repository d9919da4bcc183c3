using System.Net;
using System.Runtime.InteropServices;
using Portal.Addresses;

namespace Portal.Statistics;

/// <summary>The key under which a request with a secret of a token is counted.</summary>
/// <param name="ModuleId">Empty if no module owns the path.</param>
/// <param name="Reason">The code of Portal's refusal; empty if the request was passed on.</param>
public readonly record struct CountKey(long TokenId, DateOnly Day, string ModuleId, int StatusCode, string Reason)
{
    /// <summary>The UTC hour of the day; null if the request is counted by day only.</summary>
    public byte? Hour { get; init; }
}

/// <summary>The latest request of a token with one of its secrets.</summary>
/// <param name="ModuleId">The module that it was passed on to; empty if there is none.</param>
/// <param name="Client">The user agent; null if the client sends none.</param>
public readonly record struct Use(long SecretId, DateTime At, IPAddress? Address, string ModuleId, string? Client = null);

/// <summary>Counts the results of requests in memory until the counts are taken for the database.</summary>
/// <remarks>
/// <para>Recording never waits for the database. It takes one of several locks, which are held for a look-up or two, and allocates only for a token or a
/// combination that is new since the counts were last taken.</para>
/// <para>The objects with the counts live until the database has them. With many tokens in use, the garbage collector would copy tens of thousands of new
/// ones at each collection, and every request would wait for it. They are therefore reused.</para>
/// </remarks>
public sealed partial class RequestCounters
{
    /// <summary>The maximum number of addresses that wait in one shard or batch. More within such a short time are a flood.</summary>
    internal const int MostSeen = 5_000;

    /// <summary>The maximum size of recent requests in one shard, in bytes. They are taken four times a second, unless the database delays the
    /// writer.</summary>
    internal const int MostRecentBytes = 8 * 1024 * 1024;

    /// <summary>The maximum number of objects that are kept for reuse, about 75 MB.</summary>
    internal const int MostSpent = 250_000;

    /// <summary>The number of calls of <see cref="Trim"/> in a row after which objects that were hardly needed are released. Requests often come in
    /// bursts with minutes in between, and in the next burst, the garbage collector would copy new objects while requests wait.</summary>
    internal const int TrimsUntilRelease = 10;

    /// <summary>Memory for more than eight times as many tokens as are in use isn't kept.</summary>
    private const int MostEmpty = 8;

    /// <summary>The maximum length of a user agent before it is cleaned; more than is kept.</summary>
    private const int MostOfClient = 4 * RecentRequest.LongestClient;

    private readonly Shard[] _shards;
    private volatile bool _keepsDetails = true;
    private int _idleTrims;

    public RequestCounters()
        : this(Math.Max(2, Environment.ProcessorCount))
    {
    }

    /// <param name="shards">The number of locks.</param>
    internal RequestCounters(int shards) => _shards = [.. Enumerable.Range(0, shards).Select(_ => new Shard())];

    /// <summary>Counts a request, and marks token, secret and module as used at that time.</summary>
    /// <param name="admitted">Whether the token and its address were accepted. If so, the address is recorded.</param>
    /// <param name="served">The details to record of the request itself; none by default.</param>
    public void Count(in CountKey key, in Use use, bool admitted = true, in ServedRequest served = default)
    {
        var seen = admitted && use.Address is not null ? new SeenKey(key.TokenId, key.Day, AddressNumber.Of(use.Address)) : default;
        var shard = CurrentShard();
        lock (shard)
        {
            var kept = shard.Share(Cut(use));
            var token = shard.Of(key.TokenId);
            token.Count(key);
            token.Mark(kept);
            token.CountSecret(new SecretCount(use.SecretId, key.Day, 1));
            if (seen.TokenId != 0)
                shard.See(token, seen);
            if (served.Method is not null && _keepsDetails)
                shard.Note(token, key, kept, served);
        }
    }

    /// <summary>Counts a request with a retired secret. Nothing is marked as used, and the request isn't among the durations.</summary>
    /// <param name="use">The secret, and where the request came from.</param>
    /// <param name="served">The details to record of the request itself; none by default.</param>
    public void CountRetired(in CountKey key, in Use use = default, in ServedRequest served = default)
    {
        var shard = CurrentShard();
        lock (shard)
        {
            var token = shard.Of(key.TokenId);
            token.Count(key);
            if (served.Method is not null && _keepsDetails)
                shard.NoteRecent(token, key, shard.Share(Cut(use)), served);
        }
    }

    private static Use Cut(in Use use) => use.Client is { Length: > MostOfClient } client ? use with { Client = client[..MostOfClient] } : use;

    /// <summary>The number of counted requests that haven't been taken yet.</summary>
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

    /// <summary>The number of tokens whose counts haven't been taken yet; a token that is in several shards counts more than once.</summary>
    internal int WaitingTokens
    {
        get
        {
            var sum = 0;
            foreach (var shard in _shards)
                lock (shard)
                    sum += shard.Tokens.Count;
            return sum;
        }
    }

    /// <summary>The recent requests of a token that haven't been taken yet.</summary>
    internal IEnumerable<RecentRequest> Recent(long tokenId)
    {
        List<RecentRequest> found = [];
        foreach (var shard in _shards)
            lock (shard)
                if (shard.Tokens.TryGetValue(tokenId, out var token) && token.Recent is { } ring)
                    found.AddRange(ring.Read());
        return found;
    }

    /// <summary>Moves all counts so far to <paramref name="batch"/>.</summary>
    internal void TakeInto(CountBatch batch)
    {
        foreach (var shard in _shards)
        {
            var taken = shard.Take();
            batch.Add(taken);
            shard.Reuse(taken.Tokens);
        }

        Refill(batch.Spent);

        // Details that the batch wouldn't keep would only take memory and time.
        _keepsDetails = batch.HasRoomForDetails;
    }

    /// <summary>Drops objects that are kept for reuse and were hardly needed during the last <see cref="TrimsUntilRelease"/> calls. To be called once a
    /// minute.</summary>
    internal void Trim()
    {
        var (kept, reused) = (0, 0);
        foreach (var shard in _shards)
        {
            var reuse = shard.TakeReuse();
            (kept, reused) = (kept + reuse.Kept, reused + reuse.Reused);
        }

        _idleTrims = reused * MostEmpty < kept ? _idleTrims + 1 : 0;
        if (_idleTrims < TrimsUntilRelease)
            return;
        _idleTrims = 0;
        foreach (var shard in _shards)
            shard.Release();
    }

    /// <summary>Distributes objects for reuse to the shards, in short steps, because requests wait for a shard meanwhile.</summary>
    private void Refill(List<TokenCounts> spent)
    {
        const int step = 1_000;
        var objects = CollectionsMarshal.AsSpan(spent);
        for (var (i, turn) = (0, 0); i < objects.Length; i += step, turn++)
            _shards[turn % _shards.Length].Refill(objects[i..Math.Min(i + step, objects.Length)], MostSpent / _shards.Length);
        spent.Clear();
    }

    private Shard CurrentShard() => _shards[(uint)Thread.GetCurrentProcessorId() % (uint)_shards.Length];
}
