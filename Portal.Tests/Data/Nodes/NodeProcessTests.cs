using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data.Nodes;

/// <summary>A node is a real process that is stopped, resumed and killed, or has no database any more.</summary>
[Slow]
public sealed class NodeProcessTests : IAsyncLifetime
{
    private const int Rounds = 3, Requests = 8;

    private static readonly NodeOptions Limits = new() { Lease = TimeSpan.FromSeconds(1) };

    private string _connection = "";
    private PortalHost _node = null!;
    private PortalProcess _other = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        _node = NodesFixture.CreateNode(_connection, ("Portal:Nodes:Lease", Limits.Lease.ToString()));
        await _node.InitializeAsync();
        var environment = TestDatabase.SettingsFor(_connection).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["Portal__Nodes__Lease"] = Limits.Lease.ToString();
        _other = await PortalProcess.StartAsync(environment: environment);
        _client = new HttpClient { BaseAddress = new Uri(_other.Address) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _other.DisposeAsync();
        await _node.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public async Task Change_WhileTheOtherNodeIsStoppedKilledOrAlone_IsNeverFollowedByALateAccept()
    {
        var key = await _node.CreateTokenAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await BothAreLiveAsync();
            Assert.Equal(HttpStatusCode.OK, await AskAsync(key));
            await _other.FreezeAsync();
            await TakesAtMostALeaseAsync(_node.DisableAsync(key));
            // They begin after the change has returned, and wait in the socket.
            var asked = Enumerable.Range(0, Requests).Select(_ => AskAsync(key)).ToArray();
            await _other.ResumeAsync();
            Assert.All(await Task.WhenAll(asked), status => Assert.Equal(HttpStatusCode.Unauthorized, status));
            await _node.EnableAsync(key);
        }

        await BothAreLiveAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(key));
        await _other.KillAsync();
        await TakesAtMostALeaseAsync(_node.DisableAsync(key));
        await TakesAtMostALeaseAsync(_node.EnableAsync(key));
        await RefusesWithoutDatabaseAsync(key);
        // The database is back, and the node trusts its memory again.
        await BothAreLiveAsync(1);
    }

    /// <summary>Without the database, a node serves what it knows until its lease ends, and then refuses.</summary>
    private async Task RefusesWithoutDatabaseAsync(ApiKey key)
    {
        using (var known = await _node.SendAsync(key, "/public/v1/agreements"))
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        await RenameDatabaseAsync(Name, Hidden);
        try
        {
            await UntilUnavailableAsync(key);
        }
        finally
        {
            await RenameDatabaseAsync(Hidden, Name);
        }
    }

    private string Name => PostgresServer.NameOf(_connection);

    private string Hidden => Name + "_hidden";

    private async Task UntilUnavailableAsync(ApiKey key)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            using var response = await _node.SendAsync(key, "/public/v1/agreements");
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.NotNull(response.Headers.RetryAfter);
                return;
            }

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>Renames the database, which nobody can reach then. The nodes connect again and again, so it can need several attempts.</summary>
    private static async Task RenameDatabaseAsync(string from, string to)
    {
        await using var source = NpgsqlDataSource.Create((await PostgresServer.GetAsync()).ConnectionTo("postgres"));
        for (var since = Stopwatch.GetTimestamp(); ;)
            try
            {
                await using var command = source.CreateCommand($"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = '{from}'; ALTER DATABASE {from} RENAME TO {to}");
                await command.ExecuteNonQueryAsync();
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ObjectInUse && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
            }
    }

    /// <summary>Waits until this many nodes have a lease, so that the next change has to wait for them.</summary>
    private async Task BothAreLiveAsync(int nodes = 2)
    {
        var store = _node.Services.GetRequiredService<INodeStore>();
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            var read = await store.ReadNodesAsync(TestContext.Current.CancellationToken);
            if (read.Live.Count(node => node.Renewal > 1 && node.ReadThrough == read.Last) == nodes)
                return;
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>The machine may be busy, so the upper limit is generous.</summary>
    private static async Task TakesAtMostALeaseAsync(Task change)
    {
        var since = Stopwatch.GetTimestamp();
        await change;
        var took = Stopwatch.GetElapsedTime(since);
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalMilliseconds:N0} ms");
        Assert.InRange(took, TimeSpan.Zero, Limits.LongestWait + TimeSpan.FromSeconds(5));
    }

    private async Task<HttpStatusCode> AskAsync(ApiKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
