using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Data.Copying;

namespace Portal.Data.Sqlite;

/// <summary>Opens the database file and updates its schema.</summary>
internal static class SqliteDatabase
{
    /// <summary>The time for which a statement waits for another program's lock, while Portal runs and during its start. Writes of a running Portal
    /// have the limits of <see cref="WriteQueueOptions"/> instead.</summary>
    private const int SecondsToWait = 30, SecondsToWaitAtStart = 3;

    public static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder options, string path, int secondsToWait = SecondsToWait, bool pooling = true) =>
        options
            .UseSqlite(
                new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = secondsToWait, Pooling = pooling }.ToString(),
                sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery))
            // These are all thrown as exceptions too. The code that catches them knows whether they are expected, such as a name that is already
            // used.
            .ConfigureWarnings(events => events.Log(
                (RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                (RelationalEventId.TransactionError, LogLevel.Debug)))
            .AddInterceptors(new SqliteSettingsInterceptor());

    /// <summary>Updates the schema of the database and keeps its data. No other process may use the data directory.</summary>
    /// <exception cref="DatabaseUnusableException">Another version of Portal created it; the message says what to do.</exception>
    public static async Task MigrateAsync(string path, WriteAheadLogOwner owner, CancellationToken cancellation)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellation);
        if (MigrationHistory.FindObstacle(path, [.. applied], [.. context.Database.GetMigrations()]) is { } obstacle)
            throw new DatabaseUnusableException(obstacle);
        if (await UnfinishedCopy.ExistsAsync(context, cancellation))
            throw new DatabaseUnusableException(UnfinishedCopy.AdviceForFile(path));
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

    /// <summary>Reads the migrations of a database and those of this version, oldest first. Changes nothing.</summary>
    public static async Task<(IReadOnlyList<string> Applied, IReadOnlyList<string> Known)> ReadMigrationsAsync(string path)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        return ([.. await context.Database.GetAppliedMigrationsAsync()], [.. context.Database.GetMigrations()]);
    }

    /// <summary>Whether the database is the target of a copy that isn't complete.</summary>
    public static async Task<bool> IsUnfinishedCopyAsync(string path)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        return await UnfinishedCopy.ExistsAsync(context, CancellationToken.None);
    }

    /// <summary>Lists the names of all triggers, in order.</summary>
    public static Task<List<string>> ListTriggersAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Database.SqlQueryRaw<string>("""SELECT name AS "Value" FROM sqlite_schema WHERE type = 'trigger' ORDER BY name""").ToListAsync(cancellation);

    /// <summary>Lists the names of the triggers that a new database of this version has, in order.</summary>
    public static async Task<List<string>> ListTriggersOfNewDatabaseAsync(CancellationToken cancellation)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(":memory:", pooling: false);
        await using var context = new PortalDbContext(options.Options);
        // The database exists as long as the connection.
        await context.Database.OpenConnectionAsync(cancellation);
        await context.Database.MigrateAsync(cancellation);
        return await ListTriggersAsync(context, cancellation);
    }

    /// <inheritdoc cref="DatabaseFile.EndSessionsAsync"/>
    public static async Task EndSessionsAsync(string path)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        // A database of an earlier version doesn't have these tables.
        var tables = await context.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table'").ToListAsync();
        if (tables.Contains("UserSessions"))
            await context.UserSessions.ExecuteDeleteAsync();
        if (tables.Contains("OneTimeLinks"))
            await context.OneTimeLinks.ExecuteDeleteAsync();
    }

    /// <summary>Writes to the database without changing anything in it.</summary>
    public static Task TryWriteAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync("PRAGMA user_version = 1", cancellation);

    /// <summary>Detects at startup, rather than at the first change, that the file is read-only or locked by another program.</summary>
    private static async Task EnsureWritableAsync(PortalDbContext context, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await TryWriteAsync(context, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
