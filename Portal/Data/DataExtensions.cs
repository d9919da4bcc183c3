using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using Portal.Data.KeyRing;
using Portal.Data.Nodes;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Registers the services of this folder: the database and the key ring, both in the data directory.</summary>
public static class DataExtensions
{
    public static void AddData(this IHostApplicationBuilder builder)
    {
        var choice = DatabaseChoice.Load(builder.Configuration);
        var directory = builder.AddDataDirectory(choice);
        builder.AddClock();
        builder.Services.AddOptions<WriteQueueOptions>();
        builder.Services.AddSingleton<WriteQueue>();
        builder.Services.AddSingleton<ReadLimiter>();
        builder.Services.AddSingleton<WriteProbe>();
        builder.Services.AddSingleton<WriteAheadLog>();
        builder.Services.AddSingleton<DatabaseDamage>();
        builder.Services.AddSingleton<IntegrityCheck>();
        builder.Services.AddNodes();
        builder.Services.AddSingleton(choice);
        if (choice.IsPostgres)
            builder.Services.AddPostgres(choice);
        else
            builder.Services.AddSqlite(directory);
        builder.AddKeyRing(directory, choice);
    }

    private static void AddSqlite(this IServiceCollection services, DataDirectory directory)
    {
        services.AddSingleton<IUsedValues, MemoryUsedValues>();
        services.AddSingleton<IKeyStore, FileKeyStore>();
        services.AddSingleton<ICredentialReader, CredentialReader>();
        services.AddHostedService(provider => provider.GetRequiredService<WriteAheadLog>());
        services.AddHostedService(provider => provider.GetRequiredService<IntegrityCheck>());
        // Without a pool, a command closes its last connection, which moves the write-ahead log into the file.
        services.AddDbContextFactory<PortalDbContext>((provider, options) => options.UsePortalSqlite(directory.Database, pooling: !directory.IsShared).AddInterceptors(
            provider.GetRequiredService<DatabaseDamage>(), new WriteQueueInterceptor(provider.GetRequiredService<WriteQueue>()),
            provider.GetRequiredService<ReadLimiter>()));
    }

    private static void AddPostgres(this IServiceCollection services, DatabaseChoice choice)
    {
        services.AddSingleton<IUsedValues, PostgresUsedValues>();
        services.AddSingleton<ISharedFailures, PostgresFailures>();
        services.AddKeyedSingleton<IDistributedCache, PostgresPageStates>(nameof(PostgresPageStates));
        services.AddHybridCache(cache => cache.DistributedCacheServiceKey = nameof(PostgresPageStates));
        services.AddSingleton<IKeyStore, PostgresKeyStore>();
        services.AddSingleton<ICredentialReader>(provider => ActivatorUtilities.CreateInstance<PostgresCredentialReader>(provider, TimeProvider.System));
        if (choice.ReplicaConnectionString is { } replica)
            services.AddSingleton(provider =>
            {
                var (lease, follower) = (provider.GetRequiredService<NodeLease>(), provider.GetRequiredService<ChangeFollower>());
                return new PostgresReplica(
                    () => PostgresDatabase.ConnectReplica(replica), () => lease.IsTrusted ? follower.ReadThrough : null, provider.GetRequiredService<NodeMetrics>(),
                    TimeProvider.System, provider.GetRequiredService<ILogger<PostgresReplica>>());
            });
        services.AddSingleton<IServerReader>(new PostgresServers(choice.ConnectionString, choice.ReplicaConnectionString));
        services.AddSharedDatabase(() => PostgresDatabase.Connect(choice.ConnectionString));
        services.AddSingleton(provider => new PostgresNotifications(
            choice.ConnectionString, provider.GetRequiredService<Wakeup>().Raise, TimeProvider.System, provider.GetRequiredService<ILogger<PostgresNotifications>>()));
        services.AddSingleton<IChangeNotifications>(provider => provider.GetRequiredService<PostgresNotifications>());
        services.AddHostedService(provider => provider.GetRequiredService<PostgresNotifications>());
        services.AddSingleton<IWriteTurns>(provider => new PostgresWriteTurns(choice.ConnectionString, provider.GetRequiredService<IOptions<NodeOptions>>().Value.Lease));
        services.AddDbContextFactory<PortalDbContext>((provider, options) => options.UsePortalPostgres(choice.ConnectionString).AddInterceptors(
            provider.GetRequiredService<DatabaseDamage>(), new PostgresWriteInterceptor(
                provider.GetRequiredService<WriteQueue>(), provider.GetRequiredService<IOptions<NodeOptions>>().Value.Lease),
            provider.GetRequiredService<ReadLimiter>()));
    }

    private static void AddKeyRing(this IHostApplicationBuilder builder, DataDirectory directory, DatabaseChoice choice)
    {
        var secrets = KeyRingSecrets.Load(builder.Configuration);
        builder.Services.AddSingleton<KeyRingEncryption>();
        builder.Services.AddSingleton(services => new WatchedKeyManager(ActivatorUtilities.CreateInstance<XmlKeyManager>(services)));
        builder.Services.AddSingleton<IKeyManager>(services => services.GetRequiredService<WatchedKeyManager>());
        builder.Services.AddSingleton(services => new KeyRingNotice(
            secrets, services.GetRequiredService<IHostEnvironment>(), services.GetRequiredService<ILogger<KeyRingNotice>>()));
        builder.Services.AddSingleton<KeyRotation>();
        builder.Services.AddSingleton<KeyRingWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KeyRingWatch>());
        var protection = builder.Services.AddDataProtection().UsePortal(secrets);
        if (choice.IsPostgres)
            builder.Services.AddOptions<KeyManagementOptions>().Configure<IKeyStore>((keys, store) => keys.XmlRepository = new KeyStoreXmlRepository(store));
        else
            protection.PersistKeysToFileSystem(new DirectoryInfo(directory.Keys));
    }

    /// <summary>Sets how the keys of the key ring are separated from those of other applications and encrypted.</summary>
    internal static IDataProtectionBuilder UsePortal(this IDataProtectionBuilder builder, KeyRingSecrets secrets)
    {
        builder.Services.AddSingleton(secrets);
        builder.Services.Configure<KeyManagementOptions>(keys => keys.XmlEncryptor = secrets.Current);
        return builder.SetApplicationName("Portal");
    }

    /// <summary>Opens the data directory, unless a command has registered the one that it works on. With a database server, nothing is stored in it, so
    /// several nodes of one machine may name the same.</summary>
    private static DataDirectory AddDataDirectory(this IHostApplicationBuilder builder, DatabaseChoice choice)
    {
        if (builder.Services.FirstOrDefault(service => service.ServiceType == typeof(DataDirectory))?.ImplementationInstance is DataDirectory given)
            return given;
        var configured = builder.Configuration[DataDirectory.SettingName];
        var directory = choice.IsPostgres ? DataDirectory.Beside(configured) : DataDirectory.Open(configured);
        // A factory, because the container disposes only what it created, and the directory stays locked until it is disposed.
        builder.Services.AddSingleton(_ => directory);
        return directory;
    }

    /// <summary>Registers the clock that Portal and the framework share. It never goes back.</summary>
    private static void AddClock(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKeyedSingleton(MonotonicClock.SystemClock, TimeProvider.System);
        builder.Services.AddSingleton(services => new MonotonicClock(services.GetRequiredKeyedService<TimeProvider>(MonotonicClock.SystemClock)));
        builder.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<MonotonicClock>());
        builder.Services.AddSingleton<ClockKeeper>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ClockKeeper>());
    }

    /// <summary>Updates the schema of the database and keeps its data.</summary>
    /// <exception cref="DatabaseUnusableException">The database can't be read or written; the message says what to do.</exception>
    public static async Task MigrateDatabaseAsync(this IServiceProvider services, CancellationToken cancellation = default)
    {
        var directory = services.GetRequiredService<DataDirectory>();
        var logger = services.GetRequiredService<ILogger<DataDirectory>>();
        var choice = services.GetRequiredService<DatabaseChoice>();
        if (choice.IsPostgres)
        {
            logger.LogInformation("Database: PostgreSQL, {Server}", PostgresDatabase.Describe(choice.ConnectionString));
            if (await PostgresDatabase.MigrateAsync(choice.ConnectionString, cancellation) is [.., var later])
                logger.LogWarning("A later version of Portal has updated the database (it has {Migration}). This version works with it, but replace it soon: the version after that one may not", later);
        }
        else
        {
            logger.LogInformation("Data directory: {Path}", directory.Path);
            await MigrateSqliteAsync(directory, cancellation);
            foreach (var path in directory.MakePrivate())
                logger.LogWarning("Other users of this machine can read {Path}, and this user can't change that. Anyone who can read the data directory can read the stored keys", path);
        }
    }

    /// <summary>Creates or updates the database in a data directory.</summary>
    /// <exception cref="DatabaseUnusableException">It can't be read or written; the message says what to do.</exception>
    internal static async Task MigrateSqliteAsync(DataDirectory directory, CancellationToken cancellation)
    {
        directory.EnsureComplete();
        var owner = new WriteAheadLogOwner(directory);
        owner.Check();
        try
        {
            directory.EnsureDatabaseFile();
            await SqliteDatabase.MigrateAsync(directory.Database, owner, cancellation);
            if (IntegrityCheck.FindAtStart(directory.Database) is { } finding)
                throw new DatabaseUnusableException($"{DatabaseErrors.Damaged(directory.Database)} SQLite says: {finding}.");
        }
        catch (Exception exception) when (DatabaseErrors.Advice(exception, directory.Database) is { } advice)
        {
            throw new DatabaseUnusableException(advice, exception);
        }

        owner.Keep();
    }
}
