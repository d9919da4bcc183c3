using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Data.Nodes;
using Portal.Data.Postgres;
using Portal.Tests.Data.Nodes;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Data.Postgres;

/// <summary>Nodes wake each other after a change.</summary>
[Slow]
public sealed class PostgresNotificationsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private string _connection = "";
    private Node _a = null!, _b = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        (_a, _b) = (new Node(_connection, _clock), new Node(_connection, _clock));
        foreach (var node in new[] { _a, _b })
            await node.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        await (await PostgresServer.GetAsync()).DropAsync(_connection);
    }

    [Fact]
    public async Task Send_TwoNodes_WakesTheOtherOne()
    {
        await _a.Notifications.SendAsync(TestContext.Current.CancellationToken);
        await _b.IsWokenAsync();
        await _b.Notifications.SendAsync(TestContext.Current.CancellationToken);
        await _a.IsWokenAsync();
        // The server delivers them in order: its own one would have come before.
        Assert.False(_a.IsWoken());
        Assert.False(_b.IsWoken());
    }

    [Fact]
    public async Task Connection_IsLost_IsReplacedAndTheNodeReads()
    {
        await using (var connection = new NpgsqlConnection(_connection))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
            Assert.Equal(2L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        while (!_b.IsWoken())
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(_b.Notifications.IsListening);
        await _a.Notifications.SendAsync(TestContext.Current.CancellationToken);
        await _b.IsWokenAsync();
    }

    [Fact]
    public async Task Send_DatabaseIsGone_IsIgnored()
    {
        await using var node = new Node("Host=/nowhere;Username=portal;Database=portal", _clock);
        await node.Notifications.SendAsync(TestContext.Current.CancellationToken);
        Assert.False(node.Notifications.IsListening);
    }

    [Fact]
    public async Task Nodes_BehindAPooler_DoNotListenAndKeepThePromise()
    {
        await using var pooler = await PostgresPooler.StartAsync();
        await using PortalHost first = NodesFixture.CreateNode(pooler.Through(_connection)), second = NodesFixture.CreateNode(pooler.Through(_connection));
        await first.InitializeAsync();
        await second.InitializeAsync();
        foreach (var node in new[] { first, second })
        {
            var notifications = node.Services.GetRequiredService<PostgresNotifications>();
            await notifications.ExecuteTask!.WaitAsync(TestContext.Current.CancellationToken);
            Assert.False(notifications.IsListening);
        }

        for (var round = 0; round < 5; round++)
        {
            var key = await first.CreateTokenAsync();
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(second, key));
            await first.DisableAsync(key);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second, key));
        }

        // Nodes that don't listen still wake those that do.
        Assert.True(_a.Notifications.IsListening);
        while (_a.IsWoken())
        {
        }

        await first.Services.GetRequiredService<IChangeNotifications>().SendAsync(TestContext.Current.CancellationToken);
        await _a.IsWokenAsync();
    }

    private static async Task<HttpStatusCode> StatusAsync(PortalHost node, ApiKey key)
    {
        using var response = await node.SendAsync(key, "/public/v1/agreements");
        return response.StatusCode;
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly SemaphoreSlim _wakes = new(0);

        public Node(string connection, TimeProvider clock) =>
            Notifications = new PostgresNotifications(connection, () => _wakes.Release(), clock, NullLogger<PostgresNotifications>.Instance);

        public PostgresNotifications Notifications { get; }

        /// <summary>A node reads when it begins to listen.</summary>
        public async Task StartAsync()
        {
            await Notifications.StartAsync(CancellationToken.None);
            await IsWokenAsync();
            Assert.True(Notifications.IsListening);
        }

        /// <summary>Waits until the node is told to read.</summary>
        public async Task IsWokenAsync() => Assert.True(await _wakes.WaitAsync(TimeSpan.FromSeconds(30)));

        /// <summary>Whether the node was told to read and that wasn't awaited.</summary>
        public bool IsWoken() => _wakes.Wait(0, CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            await Notifications.StopAsync(CancellationToken.None);
            Notifications.Dispose();
            _wakes.Dispose();
        }
    }
}
