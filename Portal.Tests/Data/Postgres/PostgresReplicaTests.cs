using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Data;
using Portal.Data.Nodes;
using Portal.Data.Postgres;
using Portal.Tests.Data.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>Keys are read from a standby only if it isn't behind what the node knows.</summary>
[Slow]
public sealed class PostgresReplicaTests(PostgresReplicaTests.Installation installation) : IClassFixture<PostgresReplicaTests.Installation>
{
    private readonly FakeTimeProvider _clock = new();
    private readonly string _handle = installation.Handle;
    private readonly long _last = installation.Last;

    [Fact]
    public async Task Find_NotBehind_HasTheTokensThatExist()
    {
        var found = await Replica(_last).TryFindAsync([_handle, "SU-000-000-000"]);
        Assert.Equal([_handle], found!.Keys);
        Assert.Equal(StoredStatus.Active, found[_handle].Status);
        Assert.Empty((await Replica(_last).TryFindAsync(["SU-000-000-000"]))!);
    }

    [Fact]
    public async Task Find_BehindTheNode_IsLeftToThePrimary() => Assert.Null(await Replica(_last + 1).TryFindAsync([_handle]));

    [Fact]
    public async Task Find_NodeThatTrustsNothing_IsLeftToThePrimary() => Assert.Null(await Replica(null).TryFindAsync([_handle]));

    [Fact]
    public async Task Find_ServerThatIsGone_IsTriedAgainAfterAPause()
    {
        var reachable = false;
        var replica = Replica(_last, () => new NpgsqlConnection(reachable ? installation.Connection : "Host=127.0.0.1;Port=1;Timeout=1"));
        Assert.Null(await replica.TryFindAsync([_handle]));
        reachable = true;
        Assert.Null(await replica.TryFindAsync([_handle]));
        _clock.Advance(PostgresReplica.Pause);
        Assert.Equal([_handle], (await replica.TryFindAsync([_handle]))!.Keys);
    }

    [Fact]
    public async Task Reader_WithAReplica_ReadsThePrimaryWhenTheReplicaIsBehind()
    {
        var contexts = installation.Node.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>();
        using var reader = new PostgresCredentialReader(contexts, installation.Node.Services.GetRequiredService<DatabaseDamage>(), TimeProvider.System, gate: null, Replica(_last + 1));
        Assert.Equal(_handle, (await reader.FindAsync(_handle, TestContext.Current.CancellationToken))?.Handle);
    }

    private PostgresReplica Replica(long? known, Func<DbConnection>? connect = null)
    {
        var metrics = new NodeMetrics(installation.Node.Services.GetRequiredService<IMeterFactory>(), installation.Node.Services.GetRequiredService<INodeCount>(), installation.Node.Services.GetRequiredService<NodeLease>(), new SentNotifications());
        return new PostgresReplica(connect ?? (() => new NpgsqlConnection(installation.Connection)), () => known, metrics, _clock, NullLogger<PostgresReplica>.Instance);
    }

    /// <summary>A node and its database, with one token.</summary>
    public sealed class Installation : IAsyncLifetime
    {
        public string Connection { get; private set; } = "";
        public PortalHost Node { get; private set; } = null!;
        public string Handle { get; private set; } = "";
        public long Last { get; private set; }

        public async ValueTask InitializeAsync()
        {
            Connection = await (await PostgresServer.GetAsync()).CreateAsync();
            Node = new PortalHost("Development", TestDatabase.SettingsFor(Connection));
            await Node.InitializeAsync();
            Handle = (await Node.CreateTokenAsync()).Handle;
            await using var context = await Node.ContextAsync();
            Last = await context.Database.SqlQueryRaw<long>("""SELECT "Last" AS "Value" FROM "ChangeSequence" """).SingleAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await (await PostgresServer.GetAsync()).DropAsync(Connection);
        }
    }
}
