using Microsoft.Extensions.Time.Testing;
using Portal.Authentication.SharedLimits;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication.SharedLimits;

/// <summary>The number of requests that several nodes admit together, with a clock that the tests control.</summary>
public sealed class SharedBucketsTests : IAsyncLifetime
{
    private static readonly RateLimit HundredAMinute = new(100, RateUnit.Minute), OneAnHour = new(1, RateUnit.Hour);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLimitStore _store;
    private readonly List<LimitNode> _nodes = [];

    public SharedBucketsTests() => _store = new(_clock);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    /// <summary>Clients send far more than the limit to all nodes, to one, to one after the other, or beginning at different times.</summary>
    [Theory]
    [InlineData(2, "all")]
    [InlineData(2, "one")]
    [InlineData(2, "hop")]
    [InlineData(2, "late")]
    [InlineData(5, "all")]
    [InlineData(5, "one")]
    [InlineData(5, "hop")]
    [InlineData(5, "late")]
    public async Task Take_BurstOnSeveralNodes_AdmitsAsMuchAsOneBucket(int nodes, string pattern)
    {
        for (var seed = 0; seed < 2; seed++)
        {
            await StartAsync(nodes, seed);
            var admitted = await RunAsync(TimeSpan.FromMinutes(1), seed, (node, at) => pattern switch
            {
                "one" => node == 0,
                "hop" => node == (int)(at.TotalMilliseconds / 110) % nodes,
                "late" => at.TotalMilliseconds >= node * 70,
                _ => true,
            });
            // A full bucket, and what it gains in a minute.
            Assert.InRange(admitted, 190, 210);
        }
    }

    [Fact]
    public async Task Take_RequestsWithinTheLimit_AreAllAdmitted()
    {
        await StartAsync(5);
        var refused = 0;
        for (var i = 0; i < 90; i++)
        {
            refused += _nodes[i % 5].Take(HundredAMinute).Refused ? 1 : 0;
            if (i % 4 == 0)
                await TickAsync();
        }

        Assert.Equal(0, refused);
    }

    [Fact]
    public async Task Take_OneNodeHasTheOnlyRequests_GetsTheWholeLimit()
    {
        await StartAsync(5);
        var admitted = 0;
        for (var i = 0; i < 200; i++)
        {
            admitted += _nodes[3].TakeAll(HundredAMinute);
            await TickAsync();
        }

        // Ten seconds passed.
        Assert.InRange(admitted, 112, 117);
    }

    [Fact]
    public async Task Take_Status_SaysWhatIsLeftAndWhenToRetry()
    {
        await StartAsync(2);
        Assert.Equal(99, _nodes[0].Take(HundredAMinute).Remaining);
        Assert.Equal(98, _nodes[0].Take(HundredAMinute).Remaining);
        for (var i = 0; i < 200; i++)
        {
            _nodes[1].TakeAll(HundredAMinute);
            await TickAsync(TimeSpan.FromMicroseconds(1));
        }

        var refused = _nodes[0].Take(HundredAMinute);
        Assert.True(refused is { Refused: true, Remaining: 0, RetryAfterSeconds: 1 }, refused.ToString());
        Assert.Equal(60, refused.ResetSeconds);
    }

    /// <summary>No node refuses the first request, although their shares are below one.</summary>
    [Fact]
    public async Task Take_LimitBelowTheNumberOfNodes_AdmitsOneForEachNodeAtMost()
    {
        await StartAsync(5);
        Assert.Equal(5, _nodes.Sum(node => node.TakeAll(OneAnHour)));
        var admitted = 5;
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            await TickAsync(TimeSpan.FromMinutes(1));
            admitted += _nodes.Sum(node => node.TakeAll(OneAnHour));
        }

        Assert.InRange(admitted, 23, 29);
    }

    [Fact]
    public async Task Take_LimitBelowTheNumberOfNodes_OtherNodesKnowAfterOneExchange()
    {
        await StartAsync(5);
        Assert.Equal(1, _nodes[0].TakeAll(OneAnHour));
        await TickAsync();
        Assert.Equal(0, _nodes.Sum(node => node.TakeAll(OneAnHour)));
        Assert.InRange(_nodes[4].Take(OneAnHour).RetryAfterSeconds, 3_500, 3_600);
    }

    [Fact]
    public void Take_BeforeTheFirstExchange_AppliesTheShareOfTheNode()
    {
        Create(5);
        Assert.All(_nodes, node => Assert.Equal(20, node.TakeAll(HundredAMinute)));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.All(_nodes, node => Assert.Equal(10, node.TakeAll(HundredAMinute)));
    }

    [Fact]
    public async Task Take_StoreIsGone_AppliesTheShareAndReportsOnceWhenItReturns()
    {
        await StartAsync(5);
        for (var i = 0; i < 100; i++)
        {
            _nodes.ForEach(node => node.TakeAll(HundredAMinute));
            await TickAsync(TimeSpan.FromMilliseconds(1));
        }

        _store.IsGone = true;
        var admitted = 0;
        for (var i = 0; i < 600; i++)
        {
            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await TickAsync(TimeSpan.FromMilliseconds(100));
        }

        // A minute's requests, and the fractions that the nodes had when the store was lost.
        Assert.InRange(admitted, 95, 107);
        Assert.All(_nodes, node => Assert.False(node.Exchange.IsReachable));
        Assert.InRange(_nodes[0].Take(HundredAMinute).RetryAfterSeconds, 1, 3);

        _store.IsGone = false;
        for (var i = 0; i < 20; i++)
            await TickAsync();
        Assert.All(_nodes, node => Assert.True(node.Exchange.IsReachable));
        Assert.All(_nodes, node => Assert.Equal(1, Lines(node, "Warning: The store of the rate limits can't be reached (The store is gone). Until it returns")));
        Assert.All(_nodes, node => Assert.Equal(1, Lines(node, "Information: The store of the rate limits can be reached again")));
        // What was admitted meanwhile had been gained meanwhile.
        admitted = 0;
        for (var i = 0; i < 600; i++)
        {
            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await TickAsync(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(admitted, 95, 107);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(5, 1)]
    [InlineData(2, 10)]
    [InlineData(5, 10)]
    public async Task Take_StoreReturnsEmpty_AdmitsNothingTwice(int nodes, int seconds)
    {
        await StartAsync(nodes);
        var admitted = 0;
        for (var i = 0; i < 600; i++)
        {
            if (i == 100)
            {
                _store.Clear();
                _store.IsGone = true;
            }
            else if (i == 100 + (10 * seconds))
            {
                _store.IsGone = false;
            }

            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await TickAsync(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(admitted, 190, 210);
    }

    [Fact]
    public async Task Take_ClockOfTheStoreGoesBack_IsNotRefusedForLongerThanTheWindow()
    {
        var limit = new RateLimit(100, RateUnit.Second);
        await StartAsync(2);
        for (var i = 0; i < 10; i++)
        {
            _nodes.ForEach(node => node.TakeAll(limit));
            await TickAsync(TimeSpan.FromMilliseconds(1));
        }

        _store.Skew -= TimeSpan.FromHours(1);
        for (var i = 0; i < 20; i++)
            await TickAsync();
        Assert.NotEqual(0, _nodes[0].TakeAll(limit));
    }

    [Fact]
    public async Task Sweep_FullBuckets_AreRemoved()
    {
        await StartAsync(2);
        _nodes[0].Take(HundredAMinute);
        await TickAsync();
        _nodes[0].Buckets.Sweep();
        Assert.Equal(1, _nodes[0].Buckets.Count);
        await TickAsync(TimeSpan.FromSeconds(1));
        _nodes[0].Buckets.Sweep();
        Assert.Equal(0, _nodes[0].Buckets.Count);
    }

    [Fact]
    public async Task Sweep_WhileTheStoreIsGone_KeepsWhatTheStoreMustBeTold()
    {
        await StartAsync(2);
        _store.IsGone = true;
        await TickAsync();
        _nodes[0].Take(HundredAMinute);
        _nodes[1].Take(new RateLimit(1, RateUnit.Day));
        await TickAsync(TimeSpan.FromHours(1));
        _nodes.ForEach(node => node.Buckets.Sweep());
        Assert.All(_nodes, node => Assert.Equal(1, node.Buckets.Count));

        _store.IsGone = false;
        await TickAsync();
        await TickAsync();
        await TickAsync();
        _nodes.ForEach(node => node.Buckets.Sweep());
        // What has been gained back meanwhile isn't told.
        Assert.Equal([0, 1], _nodes.Select(node => node.Buckets.Count));
        Assert.True(_nodes[0].Take(new RateLimit(1, RateUnit.Day)).Refused);
    }

    private static int Lines(LimitNode node, string text) => node.Log.Text.Split('\n').Count(line => line.StartsWith(text, StringComparison.Ordinal));

    private void Create(int nodes, int seed = 1)
    {
        _nodes.Clear();
        for (var i = 0; i < nodes; i++)
            _nodes.Add(new LimitNode((seed * 100) + i, nodes, _store, _clock));
    }

    private async Task StartAsync(int nodes, int seed = 1)
    {
        // The buckets of a former run are full again.
        _clock.Advance(TimeSpan.FromDays(1));
        Create(nodes, seed);
        await TickAsync(TimeSpan.Zero);
    }

    /// <summary>All nodes exchange.</summary>
    private async Task TickAsync(TimeSpan? pause = null)
    {
        _clock.Advance(pause ?? LimitExchange.Interval);
        foreach (var node in _nodes)
            await node.Exchange.ExchangeAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Each node exchanges at its own times. Until then, it gets as many requests as it admits.</summary>
    private async Task<int> RunAsync(TimeSpan time, int seed, Func<int, TimeSpan, bool> hasRequests)
    {
        var random = new SeededRandom(seed);
        var next = _nodes.Select(_ => LimitExchange.Interval * random.Next(100) / 100).ToArray();
        var admitted = 0;
        for (var at = TimeSpan.Zero; at < time; at += Step)
        {
            for (var i = 0; i < next.Length; i++)
            {
                if (hasRequests(i, at))
                    admitted += _nodes[i].TakeAll(HundredAMinute);
                Assert.InRange(admitted, 0, 105 + (at.TotalMinutes * 100));
                if (at < next[i])
                    continue;
                await _nodes[i].Exchange.ExchangeAsync(TestContext.Current.CancellationToken);
                next[i] += LimitExchange.Interval * random.Next(90, 130) / 100;
            }

            _clock.Advance(Step);
        }

        return admitted;
    }
}
