using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Postgres;

/// <summary>Counts the failures in a table.</summary>
/// <remarks>The time of a bucket never goes back, so that clocks that differ by some seconds don't drain it twice.</remarks>
internal sealed class PostgresFailures(IDbContextFactory<PortalDbContext> contexts, TimeProvider clock) : ISharedFailures
{
    private const string Drained = """GREATEST(0, kept."Level" - GREATEST(0, EXTRACT(EPOCH FROM @now - kept."At")) * @rate)""";

    private const string Take =
        $"""
        INSERT INTO "FailureCounts" AS kept ("Key", "Level", "At") VALUES (@key, 1, @now)
        ON CONFLICT ("Key") DO UPDATE SET "Level" = {Drained} + 1, "At" = GREATEST(kept."At", @now) WHERE {Drained} + 1 <= @limit
        RETURNING kept."Level"
        """;

    private const string Read = $"""SELECT {Drained} FROM "FailureCounts" AS kept WHERE "Key" = @key""";

    private const string Return =
        $"""UPDATE "FailureCounts" AS kept SET "Level" = GREATEST(0, {Drained} - 1), "At" = GREATEST(kept."At", @now) WHERE "Key" = @key""";

    /// <summary>Rows that another node removes at the same time are left to it.</summary>
    private const string Forget =
        """
        DELETE FROM "FailureCounts" WHERE "Key" IN (SELECT "Key" FROM "FailureCounts" WHERE "At" < @end ORDER BY "At" LIMIT 1000 FOR UPDATE SKIP LOCKED)
        """;

    public async Task<FailureTake> TryTakeAsync(UInt128 key, int limit, TimeSpan window, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        if (await RunAsync(connection, Take, key, limit, window, cancellation) is not { } level)
            return new FailureTake(WaitFor(await RunAsync(connection, Read, key, limit, window, cancellation) ?? 0, limit, window), IsFull: true);
        // Only the first failure of a bucket adds a row.
        if (level <= 1)
            await ForgetAsync(connection, window, cancellation);
        return new FailureTake(null, level + 1 > limit);
    }

    public async Task GiveBackAsync(UInt128 key, int limit, TimeSpan window, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        await RunAsync(connection, Return, key, limit, window, cancellation);
    }

    /// <summary>The time until there is space for one failure. Never zero: the attempt was refused.</summary>
    private static TimeSpan WaitFor(double level, int limit, TimeSpan window) => Math.Max(0.001, level + 1 - limit) / limit * window;

    private async Task<double?> RunAsync(DbConnection connection, string statement, UInt128 key, int limit, TimeSpan window, CancellationToken cancellation)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        await using var command = connection.CreateCommand(
            statement, ("@key", bytes), ("@now", clock.GetUtcNow().UtcDateTime), ("@rate", limit / window.TotalSeconds), ("@limit", limit));
        return await command.ExecuteScalarAsync(cancellation) is { } level and not DBNull ? Convert.ToDouble(level, CultureInfo.InvariantCulture) : null;
    }

    private async Task ForgetAsync(DbConnection connection, TimeSpan window, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand(Forget, ("@end", clock.GetUtcNow().UtcDateTime - window));
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
