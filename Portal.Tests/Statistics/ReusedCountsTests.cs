using System.Net;
using System.Runtime.CompilerServices;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>Objects with written counts are used again for other tokens, without anything of the former ones.</summary>
public sealed class ReusedCountsTests
{
    /// <summary>So many that each shard gets some of their objects.</summary>
    private const int Many = 4_000;

    private static readonly DateTime At = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);
    private readonly RequestCounters _counters = new(shards: 2);
    private readonly CountBatch _batch = new();

    [Fact]
    public void Count_AfterTokensWereWritten_UsesTheirObjectsForOthers()
    {
        for (var token = 1; token <= Many; token++)
            Count(token, $"MD-{token % 5:0000}", requests: 1 + token % 3);
        _counters.TakeInto(_batch);
        var written = _batch.Tokens.ToList();
        written.ForEach(_batch.Remove);
        // The shards take the objects over.
        _counters.TakeInto(_batch);
        Assert.Empty(_batch.Spent);

        for (var token = Many + 1; token <= Many + 8; token++)
            Count(token, "MD-0003", requests: 1);
        _counters.TakeInto(_batch);

        Assert.All(_batch.Tokens, token => Assert.Contains(token, written));
        Assert.All(_batch.Tokens, token =>
        {
            Assert.Equal((1L, 1, 1), (token.Requests, token.Kinds, token.Times));
            Assert.Equal(token.TokenId, Assert.Single(token.Counts).Key.TokenId);
            Assert.Equal("MD-0003", Assert.Single(token.Uses).ModuleId);
            Assert.Equal(token.TokenId, Assert.Single(token.Seen).TokenId);
            Assert.Equal(1, Assert.Single(token.Secrets).Count);
            Assert.Equal(1, token.Recent!.Count);
        });
    }

    /// <summary>Tokens are written, merged and counted again in any order; the sums stay right.</summary>
    [Fact]
    public void Count_ManyRoundsWithWrittenAndMergedTokens_LosesAndAddsNothing()
    {
        var random = new SeededRandom();
        var (sent, written) = (new long[50], new long[50]);
        for (var round = 0; round < 300; round++)
        {
            for (var i = random.Next(40); i > 0; i--)
            {
                var token = random.Next(1, sent.Length);
                Count(token, $"MD-{random.Next(3):0000}", requests: 1);
                sent[token]++;
            }

            _counters.TakeInto(_batch);
            foreach (var token in _batch.Tokens.Where(_ => random.Next(2) == 0).ToList())
            {
                Assert.All(token.Counts, count => Assert.Equal(token.TokenId, count.Key.TokenId));
                written[token.TokenId] += token.Counts.Sum(count => count.Value);
                _batch.Remove(token);
            }
        }

        foreach (var token in _batch.Tokens)
            written[token.TokenId] += token.Requests;
        Assert.Equal(sent, written);
        Assert.Equal(_batch.Tokens.Sum(token => token.Requests), _batch.Requests);
    }

    [Fact]
    public void Trim_ObjectsThatWereNotNeeded_AreReleasedAfterTheLastCallOnly()
    {
        var objects = Written();
        Trim(RequestCounters.TrimsUntilRelease - 1);
        Assert.All(objects, written => Assert.True(written.IsAlive));
        Trim(1);
        Assert.DoesNotContain(objects, written => written.IsAlive);
    }

    [Fact]
    public void Trim_ObjectsThatWereNeededMeanwhile_AreKept()
    {
        var objects = Written();
        Trim(RequestCounters.TrimsUntilRelease - 1);
        Written();
        Trim(RequestCounters.TrimsUntilRelease);
        Assert.All(objects, written => Assert.True(written.IsAlive));
        Trim(1);
        Assert.DoesNotContain(objects, written => written.IsAlive);
    }

    private void Trim(int calls)
    {
        for (var i = 0; i < calls; i++)
            _counters.Trim();
        GC.Collect();
    }

    /// <summary>Counts and writes requests of some tokens, so that the objects are free again.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference[] Written()
    {
        for (var token = 1; token <= Many; token++)
            Count(token, "MD-0001", requests: 1);
        _counters.TakeInto(_batch);
        WeakReference[] written = [.. _batch.Tokens.Select(token => new WeakReference(token))];
        foreach (var token in _batch.Tokens.ToList())
            _batch.Remove(token);
        _counters.TakeInto(_batch);
        return written;
    }

    /// <summary>Each connection has an address and a user agent of its own, which are young objects for the garbage collector.</summary>
    [Fact]
    public void Count_RequestsOfManyConnections_RefersToNoObjectOfThem()
    {
        var counters = new RequestCounters(shards: 1);
        CountOnNewConnection(counters, 1);
        var others = Enumerable.Range(2, 9).SelectMany(token => CountOnNewConnection(counters, token)).ToArray();
        GC.Collect();
        Assert.DoesNotContain(others, connection => connection.IsAlive);
        counters.TakeInto(_batch);
        Assert.Equal(10, _batch.Tokens.Count);
        Assert.All(_batch.Tokens, token =>
            Assert.Equal(new Use(token.TokenId, At, IPAddress.Parse("2001:db8::7"), "MD-0001", "agent/1.0"), Assert.Single(token.Uses)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] CountOnNewConnection(RequestCounters counters, long token)
    {
        var (address, client) = (IPAddress.Parse("2001:db8::7"), new string("agent/1.0".AsSpan()));
        counters.Count(
            new CountKey(token, DateOnly.FromDateTime(At), "MD-0001", 200, ""), new Use(token, At, address, "MD-0001", client));
        return [new WeakReference(address), new WeakReference(client)];
    }

    private void Count(long token, string module, int requests)
    {
        for (var i = 0; i < requests; i++)
            _counters.Count(
                new CountKey(token, DateOnly.FromDateTime(At), module, 200, ""), new Use(token, At, IPAddress.Parse("192.0.2.7"), module),
                served: new ServedRequest("GET", "/", TimeSpan.FromMilliseconds(3)));
    }
}
