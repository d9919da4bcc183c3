using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Query;
using Npgsql;
using Portal.Data.Copying;

namespace Portal.Data.Postgres;

/// <summary>Connects to PostgreSQL and updates the schema.</summary>
internal static class PostgresDatabase
{
    private const int SecondsBetweenHostChecks = 1, MostTurns = 10;

    /// <summary>The number of the advisory lock: "portal" in ASCII.</summary>
    internal const long MigrationLock = 0x706F_7274_616C;

    /// <summary>The time for one statement of a migration, which can create an index of a large table.</summary>
    private static readonly TimeSpan LongestMigration = TimeSpan.FromHours(1);

    /// <summary>The oldest version whose features Portal uses.</summary>
    private static readonly Version Oldest = new(15, 0);

    public static DbContextOptionsBuilder UsePortalPostgres(this DbContextOptionsBuilder options, string connectionString) => options
        .UseNpgsql(Complete(connectionString), npgsql => npgsql
            .UseQuerySplittingBehavior(QuerySplittingBehavior.SplitQuery)
            .SetPostgresVersion(Oldest))
        .ReplaceService<IQuerySqlGeneratorFactory, PostgresOrdering>()
        .AddInterceptors(PostgresTextInterceptor.Instance)
        .ConfigureWarnings(events => events.Log(
            (RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug), (RelationalEventId.TransactionError, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));

    /// <summary>Creates a connection outside EF Core, not open yet.</summary>
    public static NpgsqlConnection Connect(string connectionString) => new(Complete(connectionString));

    /// <summary>Creates a connection for <c>LISTEN</c>, not open yet: outside the pool, and checked regularly, because nothing else would notice that it no
    /// longer leads anywhere.</summary>
    public static NpgsqlConnection ConnectToListen(string connectionString, int secondsBetweenChecks) =>
        new(new NpgsqlConnectionStringBuilder(Complete(connectionString)) { Pooling = false, KeepAlive = secondsBetweenChecks }.ToString());

    /// <summary>Creates a connection that holds the turn of a change, not open yet. It has a pool of its own, so that a change that waits for its turn
    /// takes no connection from the one that has it.</summary>
    public static NpgsqlConnection ConnectForTurns(string connectionString) =>
        new(new NpgsqlConnectionStringBuilder(Complete(connectionString)) { MinPoolSize = 0, MaxPoolSize = MostTurns }.ToString());

    /// <summary>Creates a connection to a standby server, or to the primary if no standby can be reached; not open yet.</summary>
    public static DbConnection ConnectReplica(string connectionString) => new NpgsqlConnection(Complete(connectionString, "prefer-standby"));

    /// <summary>Updates the schema of the database and keeps its data. Several processes may do this at the same time: one of them does, and the others
    /// wait for it.</summary>
    /// <returns>The migrations of a later version that the database has.</returns>
    /// <exception cref="DatabaseUnusableException">Portal can't use the server; the message says what to do.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(string connectionString, CancellationToken cancellation)
    {
        try
        {
            await using var context = Open(connectionString);
            await CheckServerAsync(context, cancellation);
            await EnsureNoUnfinishedCopyAsync(context, connectionString, cancellation);
            var later = await FindLaterAsync(context, cancellation);
            if ((await context.Database.GetPendingMigrationsAsync(cancellation)).Any())
                await MigrateAloneAsync(connectionString, context, cancellation);
            return later;
        }
        catch (Exception exception) when (PostgresErrors.Advice(exception) is { } advice)
        {
            throw new DatabaseUnusableException(advice, exception);
        }
    }

    /// <summary>Whether a node uses the database.</summary>
    public static async Task<bool> AnyNodeAsync(string connectionString, CancellationToken cancellation)
    {
        await using var context = Open(connectionString);
        return await AnyNodeAsync(context, cancellation);
    }

    /// <inheritdoc cref="AnyNodeAsync(string, CancellationToken)"/>
    public static Task<bool> AnyNodeAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Database.SqlQueryRaw<int>("""SELECT 1 AS "Value" FROM "Nodes" WHERE "IsLive" AND "RenewedAt" > now() - interval '1 minute'""").AnyAsync(cancellation);

    /// <exception cref="DatabaseUnusableException">The schema isn't the one of this version; the message says what to do.</exception>
    public static async Task EnsureCurrentAsync(string connectionString)
    {
        try
        {
            await using var context = Open(connectionString);
            await EnsureNoUnfinishedCopyAsync(context, connectionString, CancellationToken.None);
            await FindLaterAsync(context, CancellationToken.None);
            if (!(await context.Database.GetAppliedMigrationsAsync()).Any())
                throw new DatabaseUnusableException($"The database {Describe(connectionString)} isn't one of Portal. Correct the connection string, or start Portal once, which creates its tables, and then run the command again.");
            if ((await context.Database.GetPendingMigrationsAsync()).Any())
                throw new DatabaseUnusableException($"The database {Describe(connectionString)} is of an earlier version of Portal. Start this version of Portal once, which updates it, and then run the command again.");
        }
        catch (Exception exception) when (PostgresErrors.Advice(exception) is { } advice)
        {
            throw new DatabaseUnusableException(advice, exception);
        }
    }

    /// <summary>The servers and the name of the database, for the log.</summary>
    public static string Describe(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{settings.Host}, database {settings.Database ?? settings.Username}";
    }

    /// <summary>Writes to the database without changing anything in it.</summary>
    public static Task TryWriteAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.Database.ExecuteSqlRawAsync("""UPDATE "ChangeSequence" SET "Last" = "Last" WHERE FALSE""", cancellation);

    /// <summary>Runs all pending migrations while other processes wait.</summary>
    /// <remarks>EF Core's own lock ends with each migration. Between two of them, another process would run the next one as well. This lock is held by
    /// a transaction, so it also works behind a pooler.</remarks>
    private static async Task MigrateAloneAsync(string connectionString, PostgresDbContext context, CancellationToken cancellation)
    {
        await using var turn = Open(connectionString);
        turn.Database.SetCommandTimeout(LongestMigration);
        context.Database.SetCommandTimeout(LongestMigration);
        await using var transaction = await turn.Database.BeginTransactionAsync(cancellation);
        await turn.Database.ExecuteSqlRawAsync(PostgresStatements.WaitWithoutLimit, cancellation);
        await turn.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({MigrationLock})", cancellation);
        await context.Database.MigrateAsync(cancellation);
    }

    private static async Task EnsureNoUnfinishedCopyAsync(PostgresDbContext context, string connectionString, CancellationToken cancellation)
    {
        if (await UnfinishedCopy.ExistsAsync(context, cancellation))
            throw new DatabaseUnusableException(UnfinishedCopy.AdviceForServer(Describe(connectionString)));
    }

    private static async Task<IReadOnlyList<string>> FindLaterAsync(PostgresDbContext context, CancellationToken cancellation)
    {
        var (applied, known) = ((await context.Database.GetAppliedMigrationsAsync(cancellation)).ToList(), context.Database.GetMigrations().ToList());
        return LaterMigrations.FindObstacle(applied, known) is { } obstacle ? throw new DatabaseUnusableException(obstacle) : [.. applied.Except(known)];
    }

    private static PostgresDbContext Open(string connectionString)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(connectionString);
        return new PostgresDbContext(options.Options);
    }

    /// <summary>Adds what Portal needs to the connection string, unless it says otherwise.</summary>
    internal static string Complete(string connectionString, string target = "primary")
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.ApplicationName ??= "Portal";
        // Without a reset, a pooler such as PgBouncer can give each transaction another connection. Portal sets nothing that needs a reset.
        settings.NoResetOnClose = true;
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            settings.TargetSessionAttributes ??= target;
            // After a failover, nodes ask soon which server is the primary. The provider's default is 10 seconds.
            if (!settings.ShouldSerialize("Host Recheck Seconds"))
                settings.HostRecheckSeconds = SecondsBetweenHostChecks;
        }

        return settings.ToString();
    }

    private static async Task CheckServerAsync(PostgresDbContext context, CancellationToken cancellation)
    {
        await context.Database.OpenConnectionAsync(cancellation);
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        if (connection.PostgreSqlVersion < Oldest)
            throw new DatabaseUnusableException($"The server has PostgreSQL {connection.PostgreSqlVersion}. Portal needs version {Oldest.Major} or later.");
        var encoding = (await context.Database.SqlQueryRaw<string>("""SELECT current_setting('server_encoding') AS "Value" """).ToListAsync(cancellation)).Single();
        if (encoding != "UTF8")
            throw new DatabaseUnusableException($"The database has the encoding {encoding}, which can't store every text. Create it with ENCODING 'UTF8' TEMPLATE template0.");
        await context.Database.CloseConnectionAsync();
    }
}
