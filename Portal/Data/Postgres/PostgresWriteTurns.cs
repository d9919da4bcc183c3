using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Portal.Data.Postgres;

/// <summary>Takes turns by locking the only row of <c>WriteTurn</c> in a transaction of its own.</summary>
/// <remarks>A change may read on several connections and in several transactions, so its own transactions can't hold this lock. The server ends the
/// transaction of a process that is suspended. That process can then no longer begin a transaction of its change, because
/// <see cref="PostgresWriteInterceptor"/> numbers them. A lock of a row works with every pooler.</remarks>
/// <param name="longestPause">The time after which a process that is suspended loses its turn.</param>
internal sealed class PostgresWriteTurns(string connectionString, TimeSpan longestPause) : IWriteTurns
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(1);

    private readonly string _statement = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SET LOCAL lock_timeout = {PostgresWriteInterceptor.LongestWait.TotalMilliseconds}; SET LOCAL idle_in_transaction_session_timeout = {longestPause.TotalMilliseconds:F0};
        SELECT "Id" FROM "WriteTurn" WHERE "Id" = 1 FOR UPDATE;
        SELECT "Turn" FROM "ChangeSequence" WHERE "Id" = 1
        """);

    /// <inheritdoc/>
    public async Task<WriteTurn> BeginAsync(CancellationToken cancellation)
    {
        var connection = PostgresDatabase.ConnectForTurns(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            var transaction = await connection.BeginTransactionAsync(cancellation);
            return new WriteTurn(await ReadNumberAsync(connection, cancellation), () => EndAsync(connection, transaction));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<long> ReadNumberAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand(_statement);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        await rows.NextResultAsync(cancellation);
        await rows.ReadAsync(cancellation);
        return rows.GetInt64(0);
    }

    /// <summary>Doesn't wait for a server that no longer answers: it ends the turn by itself.</summary>
    private static async ValueTask EndAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        var ending = CloseAsync(connection, transaction);
        try
        {
            await ending.WaitAsync(LongestEnd, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // The change is stored or not, whichever way the turn ends.
        }
    }

    private static async Task CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        try
        {
            await using (connection)
                await transaction.DisposeAsync();
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or IOException or InvalidOperationException)
        {
            // The server has ended it already.
        }
    }
}
