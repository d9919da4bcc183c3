using System.Diagnostics;
using Portal.Authentication.SharedLimits;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication.SharedLimits;

/// <summary>Several nodes with a real Redis server.</summary>
[Slow]
public sealed class RedisLimitStoreTests : IAsyncLifetime
{
    private static readonly RateLimit HundredAMinute = new(100, RateUnit.Minute);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<LimitNode> _nodes = [];
    private TestRedis _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await TestRedis.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Take_BurstOnAllNodes_HoldsTheLimit(int nodes)
    {
        var began = Stopwatch.GetTimestamp();
        Start(nodes);
        await ExchangeAsync();
        var admitted = 0;
        while (admitted < 95)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Only {admitted} were admitted.");
            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await ExchangeAsync();
        }

        for (var i = 0; i < 100; i++)
        {
            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await ExchangeAsync();
        }

        Assert.InRange(admitted, 95, 105 + (Stopwatch.GetElapsedTime(began).TotalMinutes * 100));
    }

    [Fact]
    public async Task Take_StoreIsKilledAndReturns_NoRequestWaitsAndTheLimitHolds()
    {
        Start(5);
        await ExchangeAsync();
        await _redis.KillAsync();
        Assert.All(_nodes, node => Assert.True(node.TakeAll(HundredAMinute) is >= 10 and <= 20));
        Assert.All(await ExchangeAsync(), Assert.False);
        await UntilAsync(async () => (await ExchangeAsync()).All(done => !done) && _nodes.All(node => !node.Exchange.IsReachable));

        await _redis.RestartAsync();
        await UntilAsync(async () => (await ExchangeAsync()).All(done => done));
        Assert.All(_nodes, node => Assert.True(node.Exchange.IsReachable));
        // The store knows nothing of the earlier requests, except what was admitted after it was lost.
        var admitted = 0;
        for (var i = 0; i < 60; i++)
        {
            admitted += _nodes.Sum(node => node.TakeAll(HundredAMinute));
            await ExchangeAsync();
        }

        Assert.InRange(admitted, 20, 110);
    }

    [Fact]
    public async Task Exchange_SeveralTokensAndUnits_ReturnsWhatIsUsedMost()
    {
        await using var store = Connect();
        LimitedToken[] tokens = [new(1, HundredAMinute), new(2, HundredAMinute), new(2, new RateLimit(5, RateUnit.Day)), new(3, new RateLimit(9, RateUnit.Second))];
        var answer = await store.ExchangeAsync(null, [new(tokens[0], 50), new(tokens[1], 10), new(tokens[2], 4), new(tokens[3], 9)], LimitCorrections.None, default);
        Assert.Equal([tokens[0], tokens[2], tokens[3]], answer.Used.Keys.OrderBy(token => token.TokenId));
        Assert.All([(0, 30), (1, 6), (2, 4 * 86_400 / 5), (3, 1)], expected => Assert.InRange((answer.Spent[expected.Item1] - answer.Time) / 1_000_000, expected.Item2 - 0.9, expected.Item2));

        answer = await store.ExchangeAsync(answer.Time, [new(tokens[1], 40)], new LimitCorrections(new Dictionary<LimitedToken, double> { [tokens[0]] = answer.Time }, new Dictionary<LimitedToken, double>()), default);
        Assert.Equal([tokens[1], tokens[2]], answer.Used.Keys.Where(token => token.Limit.Per != RateUnit.Second).OrderBy(token => token.TokenId).ThenBy(token => token.Limit.Per));
    }

    [Fact]
    public async Task Exchange_OtherPrefix_IsAnotherInstallation()
    {
        LimitedToken token = new(1, HundredAMinute);
        await using (var store = Connect())
            await store.ExchangeAsync(null, [new(token, 90)], LimitCorrections.None, default);
        await using var other = Connect("other");
        Assert.Empty((await other.ExchangeAsync(null, [], LimitCorrections.None, default)).Used);
        await using var same = Connect();
        Assert.Equal(token, Assert.Single((await same.ExchangeAsync(null, [], LimitCorrections.None, default)).Used).Key);
    }

    [Fact]
    public async Task Exchange_WithPasswordAndTls_IsPossible()
    {
        using var certificate = TestCertificate.Create("localhost");
        await using var redis = await SystemProgram.StartAsync("redis-server", "redis-server", "eady to accept connections", (folder, port) =>
        {
            var pem = Path.Combine(folder, "redis.pem");
            certificate.WritePem(pem);
            return Task.FromResult<string[]>([
                "--port", "0", "--tls-port", $"{port}", "--tls-cert-file", pem, "--tls-key-file", pem, "--tls-auth-clients", "no", "--requirepass", "a secret",
                "--save", "", "--logfile", "/dev/stderr"]);
        });
        var options = StoreConnection.Parse($"localhost:{redis.Address.Port},password=a secret,ssl=true{TestRedis.Patient}")!;
        options.TrustIssuer(Path.Combine(redis.Folder, "redis.pem"));
        await using (var store = new RedisLimitStore(options, "portal"))
            Assert.NotEqual(0, (await store.ExchangeAsync(null, [], LimitCorrections.None, default)).Time);

        await using var untrusting = new RedisLimitStore(StoreConnection.Parse($"rediss://:a%20secret@localhost:{redis.Address.Port}")!, "portal");
        await Assert.ThrowsAnyAsync<Exception>(() => untrusting.ExchangeAsync(null, [], LimitCorrections.None, default));
    }

    [Fact]
    public async Task Portal_WithAStore_AnswersAsWithoutAndSaysWhenItIsLost()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "store");
        await File.WriteAllTextAsync(file, _redis.Connection, TestContext.Current.CancellationToken);
        await using var portal = new PortalHost("Development", new Dictionary<string, string> { ["Tokens:RateLimit"] = "3 per day", ["Portal:RateLimits:StoreFile"] = file });
        await portal.InitializeAsync();
        using var metrics = new MetricRecorder(portal.Services);
        var key = await portal.CreateTokenAsync();
        for (var left = 2; left >= -1; left--)
        {
            using var response = await portal.SendAsync(key, "/public/v1/agreements");
            Assert.Equal((left < 0, $"{Math.Max(left, 0)}"), ((int)response.StatusCode == 429, response.Headers.GetValues("RateLimit-Remaining").Single()));
            Assert.Equal(left < 0, response.Headers.RetryAfter is not null);
        }

        Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        Assert.Equal(["portal.rate_limits.store.reachable 1"], metrics.Read("portal.rate_limits"));
        await using (var store = Connect())
            await UntilAsync(async () =>
            {
                portal.Clock.Advance(LimitExchange.Interval);
                return (await store.ExchangeAsync(null, [], LimitCorrections.None, default)).Used.Count == 1;
            });

        await _redis.KillAsync();
        await UntilAsync(async () =>
        {
            portal.Clock.Advance(LimitExchange.Interval);
            return await portal.Client.GetStringAsync("/health/ready") == "Degraded\nThe store of the rate limits can't be reached: each node applies its share of each limit.";
        });
        Assert.Equal(["portal.rate_limits.store.reachable 0"], metrics.Read("portal.rate_limits"));
        using var other = await portal.SendAsync(await portal.CreateTokenAsync(), "/public/v1/agreements");
        Assert.Equal(200, (int)other.StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var since = Stopwatch.GetTimestamp(); !await isSo(); await Task.Yield())
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience);
    }

    private RedisLimitStore Connect(string prefix = "portal") => new(StoreConnection.Parse(_redis.Connection)!, prefix);

    private void Start(int nodes)
    {
        for (var i = 0; i < nodes; i++)
            _nodes.Add(new LimitNode(i, nodes, Connect(), TimeProvider.System));
    }

    private Task<bool[]> ExchangeAsync() => Task.WhenAll(_nodes.Select(node => node.Exchange.ExchangeAsync(TestContext.Current.CancellationToken)));
}
