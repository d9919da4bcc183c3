using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Sqlite;

/// <summary>Enforces the <see cref="WriteQueue"/> on every connection: outside it, SQLite itself refuses to write.</summary>
internal sealed class WriteQueueInterceptor(WriteQueue queue) : DbCommandInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor
{
    private const string Outside = "A transaction that writes must run inside WriteQueue.RunAsync.";

    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Allow(connection, queue.IsCurrent);

    public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Allow(connection, queue.IsCurrent);
        return Task.CompletedTask;
    }

    public InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result)
    {
        if (!queue.IsCurrent)
            throw new InvalidOperationException(Outside);
        // The connection may have been opened outside the queue.
        Allow(connection, true);
        return result.HasResult ? result : InterceptionResult<DbTransaction>.SuppressWithResult(Begin((SqliteConnection)connection, eventData.IsolationLevel));
    }

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        new(TransactionStarting(connection, eventData, result));

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        queue.LockAnswered();
        return result;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionStarted(connection, eventData, result));

    /// <summary>Queues a single statement.</summary>
    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (command.Transaction is not null || result.HasResult)
            return result;
        var connection = command.Connection!;
        return InterceptionResult<int>.SuppressWithResult(await queue.RunAsync(token =>
        {
            token.ThrowIfCancellationRequested();
            Allow(connection, true);
            command.CommandTimeout = WriteLock.Step;
            return Task.FromResult(WriteLock.Take(queue, (SqliteConnection)connection, command.ExecuteNonQuery));
        }, cancellationToken));
    }

    private SqliteTransaction Begin(SqliteConnection connection, IsolationLevel isolation)
    {
        var timeout = connection.DefaultTimeout;
        connection.DefaultTimeout = WriteLock.Step;
        try
        {
            return WriteLock.Take(queue, connection, () => connection.BeginTransaction(isolation));
        }
        finally
        {
            connection.DefaultTimeout = timeout;
        }
    }

    private static void Allow(DbConnection connection, bool write)
    {
        using var command = connection.CreateCommand();
        command.CommandText = write ? "PRAGMA query_only=OFF" : "PRAGMA query_only=ON";
        command.ExecuteNonQuery();
    }
}
