using System.Net;
using Npgsql;
using Portal.Data.Postgres;
using Portal.Tests.Api;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Nodes;

/// <summary>The synchronous standby of the database server is away.</summary>
[Slow]
public sealed class AbsentStandbyTests
{
    [Fact]
    public async Task Change_StopsWaitingForTheStandby_SaysThatItIsUnknown()
    {
        var server = await PostgresServer.StartWithoutItsStandbyAsync();
        var connection = await server.CreateAsync();
        await using var node = NodesFixture.CreateNode(connection);
        await node.InitializeAsync();
        var key = await node.CreateTokenAsync();
        await ExecuteAsync(connection, $"ALTER DATABASE {PostgresServer.NameOf(connection)} SET synchronous_commit = on");
        NpgsqlConnection.ClearPool(PostgresDatabase.Connect(connection));

        var changing = node.CallAsync(key, "POST", $"{ApiCalls.TokensPath}/{key.Handle}/rotate", """{"overlap":"PT1H"}""");
        // As when a statement takes too long. Other writes of the node wait for the standby, too.
        while (!changing.IsCompleted)
            await ExecuteAsync(connection, "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity, pg_sleep(0.05) WHERE datname = current_database() AND wait_event = 'SyncRep'");

        Assert.Contains("doesn't know whether the change was made", await changing.RefusedAsync(HttpStatusCode.ServiceUnavailable, "DB_001"), StringComparison.Ordinal);
        await ExecuteAsync(connection, "ALTER SYSTEM RESET synchronous_standby_names");
        await ExecuteAsync(connection, "SELECT pg_reload_conf()");
    }

    private static async Task<long> ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is long number ? number : 0;
    }
}
