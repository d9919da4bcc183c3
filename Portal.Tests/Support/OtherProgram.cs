using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Portal.Tests.Support;

/// <summary>Another program that uses Portal's database. It holds the write lock until it is disposed.</summary>
internal sealed class OtherProgram : IAsyncDisposable
{
    /// <summary>Reading stays possible, as on SQLite.</summary>
    private const string LockOnPostgres =
        """
        DO $$ BEGIN EXECUTE (
            SELECT 'LOCK TABLE ' || string_agg(quote_ident(relname), ', ') || ' IN EXCLUSIVE MODE' FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace);
        END $$
        """;

    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;

    private OtherProgram(DbConnection connection, DbTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    /// <param name="folder">The data directory.</param>
    public static Task<OtherProgram> LockAsync(string folder) =>
        TestDatabase.FindConnectionString(folder) is { } server ? BeginAsync(server, LockOnPostgres) : BeginAsync(folder, deferred: false, "SELECT 1");

    /// <summary>Reads, which prevents the write-ahead log from being emptied.</summary>
    /// <inheritdoc cref="LockAsync"/>
    public static Task<OtherProgram> ReadAsync(string folder) => BeginAsync(folder, deferred: true, "SELECT COUNT(*) FROM Accounts");

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<OtherProgram> BeginAsync(string folder, bool deferred, string statement)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "portal.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return await BeginAsync(connection, connection.BeginTransaction(deferred), statement);
    }

    private static async Task<OtherProgram> BeginAsync(string server, string statement)
    {
        var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return await BeginAsync(connection, await connection.BeginTransactionAsync(TestContext.Current.CancellationToken), statement);
    }

    private static async Task<OtherProgram> BeginAsync(DbConnection connection, DbTransaction transaction, string statement)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (statement, transaction);
        await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        return new OtherProgram(connection, transaction);
    }
}
