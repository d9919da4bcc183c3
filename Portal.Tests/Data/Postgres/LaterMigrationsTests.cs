using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>During an upgrade, nodes of two versions use the same database.</summary>
[Slow]
public sealed class LaterMigrationsTests
{
    private static readonly string[] Known = ["1_Initial", "2_Known"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(true, "1_Initial")]
    [InlineData(true, "1_Initial", "2_Known", "3_Added")]
    [InlineData(true, "1_Initial", "2_Known", "3_ContractAfterKnown")]
    [InlineData(false, "1_Initial", "2_Known", "3_Added", "4_ContractAfterAdded")]
    [InlineData(false, "1_Initial", "2_Known", "3_Added", "4_ContractAfterAdded", "5_Another")]
    public void FindObstacle_MigrationsOfLaterVersions_OnlyStopsVersionsThatNoLongerWork(bool works, params string[] applied) =>
        Assert.Equal(works, LaterMigrations.FindObstacle(applied, Known) is null);

    [Fact]
    public async Task Migrate_SchemaOfALaterVersion_WorksUnlessItWasContracted()
    {
        var connection = await (await PostgresServer.GetAsync()).CreateAsync();
        Assert.Empty(await PostgresDatabase.MigrateAsync(connection, Cancellation));

        await AddAsync(connection, "99990101000000_Added");
        Assert.Equal(["99990101000000_Added"], await PostgresDatabase.MigrateAsync(connection, Cancellation));
        await PostgresDatabase.EnsureCurrentAsync(connection);

        await AddAsync(connection, "99990201000000_ContractAfterAdded");
        var refused = await Assert.ThrowsAsync<DatabaseUnusableException>(() => PostgresDatabase.MigrateAsync(connection, Cancellation));
        Assert.Contains("start the later version", refused.Message);
        await Assert.ThrowsAsync<DatabaseUnusableException>(() => PostgresDatabase.EnsureCurrentAsync(connection));
        await (await PostgresServer.GetAsync()).DropAsync(connection);
    }

    [Fact]
    public async Task Migrate_SeveralNodesAtOnce_OneUpdatesTheSchemaAndTheOthersWait()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync("template0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PostgresDatabase.MigrateAsync(connection, Cancellation), Cancellation)));
        await PostgresDatabase.EnsureCurrentAsync(connection);
        await server.DropAsync(connection);
    }

    /// <summary>Limits of the role or the database must not end the wait.</summary>
    [Theory]
    [InlineData("statement_timeout", 1000)]
    [InlineData("lock_timeout", 1)]
    public async Task Migrate_LimitIsShorterThanTheMigrationOfAnotherNode_Waits(string setting, int milliseconds)
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync("template0");
        await UpdateToSecondLastAsync(connection);
        await using var other = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ToString());
        await other.OpenAsync(Cancellation);
        await ExecuteAsync(other, $"ALTER DATABASE {PostgresServer.NameOf(connection)} SET {setting} = {milliseconds}");
        await ExecuteAsync(other, $"SELECT pg_advisory_lock({PostgresDatabase.MigrationLock})");

        var migration = Task.Run(() => PostgresDatabase.MigrateAsync(connection, Cancellation), Cancellation);
        // The server's view of activity stands still within a transaction, so the lock is one of the session.
        while (!migration.IsCompleted && await ExecuteAsync(
            other, "SELECT EXISTS(SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory' AND query_start < clock_timestamp() - interval '1200 ms')") is false)
        {
        }

        Assert.False(migration.IsCompleted);
        await ExecuteAsync(other, $"SELECT pg_advisory_unlock({PostgresDatabase.MigrationLock})");
        await migration;
        await PostgresDatabase.EnsureCurrentAsync(connection);
        await server.DropAsync(connection);
    }

    [Fact]
    public async Task Migrate_ExtensionOutsideTheSearchPath_SaysWhatToAdd()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync("template0");
        await using (var other = new NpgsqlConnection(connection))
        {
            await other.OpenAsync(Cancellation);
            await ExecuteAsync(other, "CREATE EXTENSION pg_trgm; CREATE SCHEMA app");
        }

        var refused = await Assert.ThrowsAsync<DatabaseUnusableException>(
            () => PostgresDatabase.MigrateAsync(new NpgsqlConnectionStringBuilder(connection) { SearchPath = "app" }.ToString(), Cancellation));

        Assert.Contains("add that schema, usually public, as in Search Path=app,public", refused.Message, StringComparison.Ordinal);
        await server.DropAsync(connection);
    }

    [Fact]
    public void Migrations_UnlessTheyAreNamedForIt_RemoveAndChangeNothingThatTheVersionBeforeUses()
    {
        using var context = new DesignTimePostgresContextFactory().CreateDbContext([]);
        var migrations = context.GetService<IMigrationsAssembly>().Migrations;
        var names = migrations.Keys.Select(LaterMigrations.NameOf).ToList();
        Assert.All(migrations.Keys.Select(LaterMigrations.NeedsOf).OfType<string>(), needed => Assert.Contains(needed, names));
        Assert.Empty(
            from migration in migrations.Skip(1)
            where LaterMigrations.NeedsOf(migration.Key) is null
            let operations = context.GetService<IMigrationsAssembly>().CreateMigration(migration.Value, "Npgsql.EntityFrameworkCore.PostgreSQL").UpOperations
            let added = operations.OfType<CreateTableOperation>().Select(table => table.Name).ToHashSet()
            from operation in operations
            where Removes(operation, added)
            select $"{migration.Key}: {operation.GetType().Name}");
    }

    /// <summary>The version before writes rows without a new column, so the column needs a default or allows null.</summary>
    private static bool Removes(MigrationOperation operation, HashSet<string> added) => operation switch
    {
        AddColumnOperation { IsNullable: false, DefaultValue: null, DefaultValueSql: null, ComputedColumnSql: null } column => !added.Contains(column.Table),
        DropTableOperation or RenameTableOperation or DropColumnOperation or RenameColumnOperation or AlterColumnOperation => true,
        _ => false,
    };

    private static async Task UpdateToSecondLastAsync(string connection)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(connection);
        await using (var context = new PostgresDbContext(options.Options))
            await context.GetService<IMigrator>().MigrateAsync(context.Database.GetMigrations().SkipLast(1).Last(), Cancellation);
        await using var pooled = PostgresDatabase.Connect(connection);
        NpgsqlConnection.ClearPool(pooled);
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private static async Task AddAsync(string connection, string migration)
    {
        await using var server = new NpgsqlConnection(connection);
        await server.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ($1, '10')""", server);
        command.Parameters.Add(new NpgsqlParameter { Value = migration });
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
