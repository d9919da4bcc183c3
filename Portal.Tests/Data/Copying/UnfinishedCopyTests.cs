using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.Copying;
using Portal.Data.Nodes;
using Portal.Data.Postgres;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Copying;

[Slow]
public sealed class UnfinishedCopyTests : IAsyncLifetime
{
    private static readonly NodeIdentity Node = new("a", "All", "1.0.0");

    private string _connection = "";
    private NodeStore _store = default!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await (await PostgresServer.GetAsync()).CreateAsync();
        _store = new NodeStore(() => PostgresDatabase.Connect(_connection));
    }

    public async ValueTask DisposeAsync() => await (await PostgresServer.GetAsync()).DropAsync(_connection);

    [Fact]
    public async Task Mark_NodeHasJoined_IsRefusedAndLeavesNoMark()
    {
        await _store.JoinAsync(Node, Guid.CreateVersion7(), Cancellation);
        await using (var context = Open())
            await Assert.ThrowsAsync<DatabaseUnusableException>(() => UnfinishedCopy.MarkAsync(context, Cancellation));

        await using var after = Open();
        Assert.False(await UnfinishedCopy.ExistsAsync(after, Cancellation));
    }

    [Fact]
    public async Task Join_MarkIsBeingSet_WaitsAndIsRefused()
    {
        await using var context = Open();
        await using (var transaction = await context.Database.BeginTransactionAsync(Cancellation))
        {
            await context.Database.ExecuteSqlRawAsync("""LOCK TABLE "Nodes" IN SHARE MODE; CREATE TABLE "UnfinishedCopy" ("Id" integer)""", Cancellation);
            var joining = _store.JoinAsync(Node, Guid.CreateVersion7(), Cancellation);
            while (!await context.Database.SqlQueryRaw<bool>("""SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "Value" """).SingleAsync(Cancellation))
                await Task.Yield();
            await transaction.CommitAsync(Cancellation);
            await Assert.ThrowsAsync<DatabaseUnusableException>(() => joining);
        }

        Assert.Empty((await _store.ReadNodesAsync(Cancellation)).Live);
        await UnfinishedCopy.RemoveMarkAsync(context);
        await _store.JoinAsync(Node, Guid.CreateVersion7(), Cancellation);
        Assert.Single((await _store.ReadNodesAsync(Cancellation)).Live);
    }

    private PostgresDbContext Open()
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(_connection);
        return new PostgresDbContext(options.Options);
    }
}
