using Npgsql;
using Portal.Data.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Nodes;

[Slow]
public sealed class NodeStoreTests : IAsyncLifetime
{
    private static readonly NodeIdentity Identity = new("a", "All", "1.0.0");

    private string _connection = "";
    private NodeStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        _store = new NodeStore(() => new NpgsqlConnection(_connection));
    }

    public async ValueTask DisposeAsync() => await (await PostgresServer.GetAsync()).DropAsync(_connection);

    [Fact]
    public async Task ReadChanges_AfterANumber_ReturnsTheRestAndTheLast()
    {
        Assert.Equal((0, 0), await CountAsync(after: 0));

        await ExecuteAsync("SELECT portal_log_change(1, 'SU-1'), portal_log_change(2, 'PA-1'), portal_log_change(3, 'PA-2')");

        var read = await _store.ReadChangesAsync(1, Cancellation);
        Assert.Equal(3, read.Last);
        Assert.Equal([new Change(2, ChangeKind.AddressRules, "PA-1"), new Change(3, ChangeKind.Account, "PA-2")], read.Changes);
        Assert.Equal((3, 0), await CountAsync(after: 3));
    }

    [Fact]
    public async Task ReadChanges_TooMany_IsIncomplete()
    {
        await ExecuteAsync($"SELECT portal_log_change(1, 'SU-' || i) FROM generate_series(1, {NodeStore.MostChanges + 1}) AS i");

        Assert.Equal((NodeStore.MostChanges + 1, NodeStore.MostChanges), await CountAsync(after: 0));
    }

    [Fact]
    public async Task Changes_RolledBack_LeaveNoGap()
    {
        await using (var connection = new NpgsqlConnection(_connection))
        {
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using var command = new NpgsqlCommand("SELECT portal_log_change(1, 'SU-1')", connection, transaction);
            await command.ExecuteNonQueryAsync(Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        await ExecuteAsync("SELECT portal_log_change(1, 'SU-2')");

        Assert.Equal([new Change(1, ChangeKind.Token, "SU-2")], (await _store.ReadChangesAsync(0, Cancellation)).Changes);
    }

    [Fact]
    public async Task Drain_LiveNode_ShowsThatItIsAboutToStop()
    {
        var id = Guid.CreateVersion7();
        await _store.JoinAsync(Identity, id, Cancellation);
        Assert.False(Assert.Single((await _store.ReadAllAsync(Cancellation)).Nodes).IsDraining);
        await _store.DrainAsync(id, Cancellation);
        Assert.True(Assert.Single((await _store.ReadAllAsync(Cancellation)).Nodes) is { IsLive: true, IsDraining: true });
        Assert.True(await _store.RenewAsync(id, 7, Cancellation));
    }

    [Fact]
    public async Task Renew_UntilDeclaredDead_Succeeds()
    {
        var id = Guid.CreateVersion7();
        Assert.Empty((await _store.ReadNodesAsync(Cancellation)).Live);
        await _store.JoinAsync(Identity, id, Cancellation);
        Assert.True(await _store.RenewAsync(id, 7, Cancellation));
        Assert.Equal([new NodeRow(id, "a", 2, 7)], (await _store.ReadNodesAsync(Cancellation)).Live);

        // It has renewed its lease since.
        Assert.False(await _store.DeclareDeadAsync(id, 1, Cancellation));
        Assert.True(await _store.DeclareDeadAsync(id, 2, Cancellation));
        Assert.False(await _store.DeclareDeadAsync(id, 2, Cancellation));

        Assert.False(await _store.RenewAsync(id, 8, Cancellation));
        Assert.False(await _store.RenewAsync(Guid.CreateVersion7(), 8, Cancellation));
        Assert.Empty((await _store.ReadNodesAsync(Cancellation)).Live);
    }

    [Theory]
    [InlineData("All", true)]
    [InlineData("Gateway", true)]
    [InlineData("Screens", false)]
    public async Task ReadNodes_NodeWithARole_SaysWhetherItServesKeys(string role, bool servesKeys)
    {
        await _store.JoinAsync(Identity with { Role = role }, Guid.CreateVersion7(), Cancellation);

        Assert.Equal(servesKeys, Assert.Single((await _store.ReadNodesAsync(Cancellation)).Live).ServesKeys);
    }

    [Fact]
    public async Task Prune_OldChangesAndNodes_KeepsTheOthers()
    {
        var (live, ended, gone) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var id in (Guid[])[live, ended, gone])
            await _store.JoinAsync(Identity, id, Cancellation);
        await _store.LeaveAsync(ended, Cancellation);
        await _store.LeaveAsync(gone, Cancellation);
        await ExecuteAsync($"""UPDATE "Nodes" SET "RenewedAt" = now() - interval '25 hours' WHERE "Id" IN ('{live}', '{gone}')""");
        await ExecuteAsync("""SELECT portal_log_change(1, 'SU-1'), portal_log_change(1, 'SU-2'); UPDATE "Changes" SET "At" = "At" - interval '61 minutes' WHERE "Sequence" = 1""");

        await _store.PruneAsync(Cancellation);

        Assert.Equal((2, 1), await CountAsync(after: 0));
        Assert.False(await _store.RenewAsync(gone, 0, Cancellation));
        Assert.True(await _store.RenewAsync(live, 0, Cancellation));
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand("""SELECT count(*) FROM "Nodes" """);
        Assert.Equal(2L, await command.ExecuteScalarAsync(Cancellation));
    }

    private async Task<(long Last, int Changes)> CountAsync(long after)
    {
        var read = await _store.ReadChangesAsync(after, Cancellation);
        return (read.Last, read.Changes.Count);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
