using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Postgres;

/// <summary>Lets the changes of all processes run one after the other, as on SQLite, and refuses transactions outside the <see cref="WriteQueue"/>.</summary>
/// <remarks>Each transaction of a change first locks the only row of <c>ChangeSequence</c>, so changes don't deadlock, and they are numbered in the order
/// of their commits. It also counts the transactions: one that has lost its turn (<see cref="IWriteTurns"/>) doesn't begin. Upkeep, such as counts, doesn't
/// wait for that lock. A lock of a row works with every pooler and with databases that have PostgreSQL's protocol but not its advisory locks. The server ends
/// the transaction of a process that stops in the middle, so that its locks don't delay the others for longer than its lease.</remarks>
/// <param name="longestPause">The longest time between two statements of a transaction.</param>
internal sealed class PostgresWriteInterceptor(WriteQueue queue, TimeSpan longestPause) : DbCommandInterceptor, IDbTransactionInterceptor
{
    private const string Outside = "A transaction that writes must run inside WriteQueue.RunAsync.";

    /// <summary>The longest time that a change waits for those of other processes.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly ConditionalWeakTable<DbTransaction, CommitWarning> _warnings = [];

    private readonly string _limitPauses = string.Create(
        CultureInfo.InvariantCulture, $"SET LOCAL idle_in_transaction_session_timeout = {longestPause.TotalMilliseconds:F0}");

    private readonly string _lock = string.Create(
        CultureInfo.InvariantCulture, $"""SET LOCAL lock_timeout = {LongestWait.TotalMilliseconds}; UPDATE "ChangeSequence" SET "Turn" = "Turn" + 1 WHERE "Id" = 1 RETURNING "Turn" """);

    public InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result) =>
        queue.IsCurrent ? result : throw new InvalidOperationException(Outside);

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        new(TransactionStarting(connection, eventData, result));

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        using var command = BeginCommand(connection, result);
        EnsureTurn(command.ExecuteScalar());
        return result;
    }

    public async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = BeginCommand(connection, result);
        EnsureTurn(await command.ExecuteScalarAsync(cancellationToken));
        return result;
    }

    /// <summary>Queues a single statement.</summary>
    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (command.Transaction is not null || result.HasResult)
            return result;
        return InterceptionResult<int>.SuppressWithResult(
            queue.IsCurrent ? await ExecuteAsync(command, cancellationToken) : await queue.RunAsync(token => ExecuteAsync(command, token), cancellationToken));
    }

    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        EnsureAwaited();
        if (!queue.IsUpkeep)
            _warnings.AddOrUpdate(transaction, CommitWarning.Watch(transaction.Connection));
        return result;
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(TransactionCommitting(transaction, eventData, result));

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData)
    {
        if (queue.IsUpkeep)
            return;
        QueuedWrite.Current?.Turn?.Committed();
        if (_warnings.TryGetValue(transaction, out var warning))
            warning.EnsureReplicated();
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionCommitted(transaction, eventData);
        return Task.CompletedTask;
    }

    /// <summary>Executes a statement that is a transaction by itself.</summary>
    private async Task<int> ExecuteAsync(DbCommand command, CancellationToken cancellation)
    {
        EnsureAwaited();
        var warning = queue.IsUpkeep ? null : CommitWarning.Watch(command.Connection);
        var rows = await command.ExecuteNonQueryAsync(cancellation);
        warning?.EnsureReplicated();
        return rows;
    }

    /// <summary>Stores nothing for a caller that was told that nothing was changed, because the database didn't answer for too long.</summary>
    private static void EnsureAwaited()
    {
        if (QueuedWrite.Current is { } write && !write.MayCommit())
            throw new DatabaseSilentException();
    }

    /// <param name="number">The number of the transaction; null for upkeep.</param>
    private static void EnsureTurn(object? number)
    {
        if (number is long next && QueuedWrite.Current?.Turn is { } turn && !turn.Holds(next))
            throw new DatabaseBusyException(isHeld: false);
    }

    private DbCommand BeginCommand(DbConnection connection, DbTransaction transaction)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (queue.IsUpkeep ? _limitPauses : $"{_limitPauses}; {_lock}", transaction);
        return command;
    }
}
