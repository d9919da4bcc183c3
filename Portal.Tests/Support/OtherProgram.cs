using Microsoft.Data.Sqlite;

namespace Portal.Tests.Support;

/// <summary>Another program that uses Portal's database. It holds the write lock until it is disposed.</summary>
internal sealed class OtherProgram : IAsyncDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;

    private OtherProgram(SqliteConnection connection, SqliteTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    /// <param name="folder">The data directory.</param>
    public static Task<OtherProgram> LockAsync(string folder) => BeginAsync(folder, deferred: false, "SELECT 1");

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
        var transaction = connection.BeginTransaction(deferred);
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (statement, transaction);
        await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        return new OtherProgram(connection, transaction);
    }
}
