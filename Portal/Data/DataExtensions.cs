using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Registers this folder: the database and the key ring, both in the data directory.</summary>
public static class DataExtensions
{
    public static void AddData(this IHostApplicationBuilder builder)
    {
        var directory = DataDirectory.Open(builder.Configuration[DataDirectory.SettingName]);
        // By a factory, because the container lets go only of what it made itself, and the directory is locked until then.
        builder.Services.AddSingleton(_ => directory);
        builder.AddClock();
        builder.Services.AddOptions<WriteQueueOptions>();
        builder.Services.AddSingleton<WriteQueue>();
        builder.Services.AddSingleton<ReadLimiter>();
        builder.Services.AddSingleton<WriteProbe>();
        builder.Services.AddSingleton<WriteAheadLog>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WriteAheadLog>());
        builder.Services.AddSingleton<DatabaseDamage>();
        builder.Services.AddSingleton<IntegrityCheck>();
        builder.Services.AddHostedService(services => services.GetRequiredService<IntegrityCheck>());
        builder.Services.AddDbContextFactory<PortalDbContext>((services, options) => options.UsePortalSqlite(directory.Database).AddInterceptors(
            services.GetRequiredService<DatabaseDamage>(), new WriteQueueInterceptor(services.GetRequiredService<WriteQueue>()),
            services.GetRequiredService<ReadLimiter>()));
        builder.Services.AddSingleton<ICredentialReader, CredentialReader>();
        builder.Services.AddDataProtection()
            .SetApplicationName("Portal")
            .PersistKeysToFileSystem(new DirectoryInfo(directory.Keys));
    }

    /// <summary>Time is the same for all of Portal and for the framework: it never goes back.</summary>
    private static void AddClock(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKeyedSingleton(MonotonicClock.SystemClock, TimeProvider.System);
        builder.Services.AddSingleton(services => new MonotonicClock(services.GetRequiredKeyedService<TimeProvider>(MonotonicClock.SystemClock)));
        builder.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<MonotonicClock>());
        builder.Services.AddSingleton<ClockKeeper>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ClockKeeper>());
    }

    /// <summary>How long a statement waits for another program's lock, in a running Portal and at its start. Writes of a running Portal
    /// have the limits of <see cref="WriteQueueOptions"/> instead.</summary>
    private const int SecondsToWait = 30, SecondsToWaitAtStart = 3;

    /// <summary>Brings the database up to date, keeping what is in it.</summary>
    /// <exception cref="DatabaseUnusableException">It cannot be read or written; the message says what to do.</exception>
    public static async Task MigrateDatabaseAsync(this IServiceProvider services, CancellationToken cancellation = default)
    {
        var directory = services.GetRequiredService<DataDirectory>();
        var logger = services.GetRequiredService<ILogger<DataDirectory>>();
        logger.LogInformation("Data directory: {Path}", directory.Path);
        directory.EnsureComplete();
        var owner = new WriteAheadLogOwner(directory);
        owner.Check();
        try
        {
            directory.EnsureDatabaseFile();
            await MigrateAsync(directory.Database, owner, cancellation);
            if (IntegrityCheck.FindAtStart(directory.Database) is { } finding)
                throw new DatabaseUnusableException($"{DatabaseErrors.Damaged(directory.Database)} SQLite says: {finding}.");
        }
        catch (Exception exception) when (DatabaseErrors.Advice(exception, directory.Database) is { } advice)
        {
            throw new DatabaseUnusableException(advice, exception);
        }

        owner.Keep();
        foreach (var path in directory.MakePrivate())
            logger.LogWarning("Other users of this machine can read {Path}, and this user can't change that. Anyone who can read the data directory can read the stored keys", path);
    }

    private static async Task MigrateAsync(string path, WriteAheadLogOwner owner, CancellationToken cancellation)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite(path, SecondsToWaitAtStart, pooling: false);
        await using var context = new PortalDbContext(options.Options);
        if ((await context.Database.GetAppliedMigrationsAsync(cancellation)).Except(context.Database.GetMigrations()).FirstOrDefault() is { } newer)
            throw new DatabaseUnusableException(
                $"The database {path} was created by a newer version of Portal (it has {newer}): start that version, or restore a backup that this version created.");
        if ((await context.Database.GetPendingMigrationsAsync(cancellation)).Any())
        {
            // A process that was killed while it migrated leaves its lock behind, and the next one would wait for ever.
            // The data directory is ours alone by now, so the lock is stale.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
            await context.Database.MigrateAsync(cancellation);
        }

        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation);
        await EnsureWritableAsync(context, cancellation);
        await owner.BindAsync(context, cancellation);
    }

    /// <summary>Finds out now, and not at the first change, that the file is read-only or held by another program.</summary>
    private static async Task EnsureWritableAsync(PortalDbContext context, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        await context.Database.ExecuteSqlRawAsync("PRAGMA user_version = 1", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    internal static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder options, string path, int secondsToWait = SecondsToWait, bool pooling = true) =>
        options
            .UseSqlite(
                new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = secondsToWait, Pooling = pooling }.ToString(),
                sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery))
            // All are thrown too: whoever catches them knows whether that was expected, as with a name that is taken.
            .ConfigureWarnings(events => events.Log(
                (RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug),
                (RelationalEventId.TransactionError, LogLevel.Debug)))
            .AddInterceptors(new SqliteSettingsInterceptor());
}
