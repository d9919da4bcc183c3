using Npgsql;

namespace Portal.Tests.Data.Nodes;

/// <summary>Holds the lock that the transaction of each change takes, so that changes of several nodes meet.</summary>
internal sealed class ChangeLock(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    public static async Task<ChangeLock> TakeAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("""SELECT "Last" FROM "ChangeSequence" FOR UPDATE""", connection, transaction);
        await command.ExecuteScalarAsync();
        return new ChangeLock(connection, transaction);
    }

    /// <summary>Waits until this many statements wait for locks.</summary>
    public static async Task WaitForAsync(string connectionString, int statements)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())", connection);
        while ((long)(await command.ExecuteScalarAsync())! < statements)
            await Task.Yield();
    }

    /// <summary>Ends the turns of all nodes, as the server does when a process is suspended.</summary>
    public static async Task EndTurnsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_locks WHERE relation = '"WriteTurn"'::regclass AND pid <> pg_backend_pid()""", connection);
        Assert.NotEqual(0L, await command.ExecuteScalarAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
