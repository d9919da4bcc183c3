using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Sqlite;

/// <summary>Opens the database file, and brings its schema up to date.</summary>
internal static class SqliteDatabase
{
    /// <summary>How long a statement waits for another program's lock, in a running Portal and at its start. Writes of a running Portal
    /// have the limits of <see cref="WriteQueueOptions"/> instead.</summary>
    private const int SecondsToWait = 30, SecondsToWaitAtStart = 3;

    public static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder options, string path, int secondsToWait = SecondsToWait, bool pooling = true) =>
        options
            .UseSqlite(
                new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = secondsToWait, Pooling = pooling }.ToString(),
                sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery))
            // All are thrown too. The code that catches them knows whether they are expected, as with a name that is already used.
            .ConfigureWarnings(events => events.Log(
                (RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                (RelationalEventId.TransactionError, LogLevel.Debug)))
            .AddInterceptors(new SqliteSettingsInterceptor());

    /// <summary>Brings the database up to date, keeping what is in it. Nobody else may use the data directory.</summary>
    /// <exception cref="DatabaseUnusableException">Another version of Portal made it; the message says what to do.</exception>
    public static async Task MigrateAsync(string path, WriteAheadLogOwner owner, CancellationToken cancellation)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellation);
        if (MigrationHistory.FindObstacle(path, [.. applied], [.. context.Database.GetMigrations()]) is { } obstacle)
            throw new DatabaseUnusableException(obstacle);
        if ((await context.Database.GetPendingMigrationsAsync(cancellation)).Any())
        {
            // A process that is killed during a migration leaves its lock behind, and the next one would wait forever.
            // Only this process uses the data directory by now, so the lock is stale.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
            await context.Database.MigrateAsync(cancellation);
        }

        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation);
        await EnsureWritableAsync(context, cancellation);
        await owner.BindAsync(context, cancellation);
    }

    /// <summary>Writes to the database without changing anything in it.</summary>
    public static Task TryWriteAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync("PRAGMA user_version = 1", cancellation);

    /// <summary>Finds out now, and not at the first change, that the file is read-only or held by another program.</summary>
    private static async Task EnsureWritableAsync(PortalDbContext context, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await TryWriteAsync(context, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
