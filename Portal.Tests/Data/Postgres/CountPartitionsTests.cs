using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Data.Postgres;

/// <summary>The counts are in partitions by time, which are created in advance and removed as a whole.</summary>
[Slow]
public sealed class CountPartitionsTests
{
    /// <summary>Two tokens, and counts of long ago, of today, and of a wrong clock.</summary>
    private const string Fill =
        $"""
        SET session_replication_role = replica;
        INSERT INTO "Tokens" (
            "AccountId", "Handle", "CreationId", "Name", "NameKey", "SearchText", "ExtensionId", "ExtensionName", "Status", "AllModules", "MayOutlive",
            "CreatedAt", "CreatedByKind", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "ListVersion", "Version")
        SELECT '{TestPortal.Account}', 'SU-000-000-00' || n, gen_random_uuid(), n, n, n, 'EXT-000', 'custom', 1, FALSE, FALSE, now(), 0, '', '', now(), '', '', n, gen_random_uuid() FROM generate_series(1, 2) AS n;
        INSERT INTO "DailyCounts" SELECT token, day::date, 'MD-0002', 200, '', 5 FROM generate_series(1, 2) AS token, unnest(ARRAY['2025-11-02', now() AT TIME ZONE 'UTC', '2096-01-01']::timestamp[]) AS day;
        INSERT INTO "LatencyCounts" SELECT "TokenId", "Day", 7, 5 FROM "DailyCounts";
        INSERT INTO "HourlyCounts" SELECT 24 * ("Day" - date '1970-01-01'), "TokenId", 5, 0, 0, 0 FROM "DailyCounts";
        SET session_replication_role = origin;
        """;

    private const string Partitions =
        """SELECT c.relname AS "Value" FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE c.relkind = 'r' ORDER BY 1""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrate_TablesWithRows_KeepsTheRowsTheKeysAndTheFilesOfTheTables()
    {
        var server = await PostgresServer.GetAsync();
        var connection = await server.CreateAsync("template0");
        await using var context = Open(connection);
        await context.GetService<IMigrator>().MigrateAsync("TokenLifecycle", Cancellation);
        await context.Database.ExecuteSqlRawAsync(Fill, Cancellation);
        string[] tables = ["DailyCounts", "LatencyCounts", "HourlyCounts"];
        var (before, indexes) = (await RowsAsync(context, tables), await KeysAsync(context, tables));
        var file = await ReadAsync(context, """SELECT pg_relation_filenode('"DailyCounts"')::text AS "Value" """);

        await PostgresDatabase.MigrateAsync(connection, Cancellation);

        Assert.Equal(before, await RowsAsync(context, tables));
        Assert.Equal(indexes, await KeysAsync(context, tables));
        var month = TimeProvider.System.GetUtcNow().AddMonths(1).ToString("yyyy'_'MM", CultureInfo.InvariantCulture);
        Assert.Equal(file, await ReadAsync(context, $"""SELECT pg_relation_filenode('"DailyCounts_Before_{month}"')::text AS "Value" """));
        // The rows of the wrong clock.
        Assert.Equal(["2"], await ReadAsync(context, """SELECT count(*)::text AS "Value" FROM "DailyCounts_Other" """));
        await server.DropAsync(connection);
    }

    [Fact]
    public async Task Prune_MonthsThatAreTooOld_RemovesTheirPartitionsAndCreatesTheNext()
    {
        await using var portal = await TestPortal.CreateAsync(onPostgres: true);
        await portal.CreateAsync();
        await using var context = await portal.OpenAsync();
        // Without its partition, a row goes to the default one.
        await AddAsync(context, new DateOnly(2030, 1, 15));
        var pruner = portal.Services.GetRequiredService<StatisticsPruner>();
        await pruner.PruneAsync(Cancellation);
        var created = await ReadAsync(context, Partitions);
        Assert.Equal(["DailyCounts_2030_01", "DailyCounts_2030_02", "DailyCounts_2030_03", "DailyCounts_Other"], created.Where(name => name.StartsWith("Daily", StringComparison.Ordinal)));
        Assert.Equal(["HourlyCounts_2030_01_15", "HourlyCounts_2030_01_16"], created.Where(name => name.StartsWith("HourlyCounts_2", StringComparison.Ordinal)).Take(2));
        Assert.Equal(["1"], await ReadAsync(context, """SELECT count(*)::text AS "Value" FROM "DailyCounts_2030_01" """));

        await AddAsync(context, new DateOnly(2030, 2, 1));
        portal.Clock.Advance(TimeSpan.FromDays(16 + 400));
        Assert.Equal(0, await pruner.PruneAsync(Cancellation));

        Assert.Equal([new DateOnly(2030, 2, 1)], await context.DailyCounts.Select(count => count.Day).ToListAsync(Cancellation));
        Assert.DoesNotContain("DailyCounts_2030_01", await ReadAsync(context, Partitions));
        // The token and its counts can still be deleted together, and a query of some days reads only their partitions.
        var plan = await ReadAsync(context, """EXPLAIN SELECT * FROM "DailyCounts" WHERE "TokenId" = 1 AND "Day" >= '2030-02-01' AND "Day" <= '2030-02-20' """);
        Assert.DoesNotContain(plan, step => step.Contains("2030_03", StringComparison.Ordinal) || step.Contains("Other", StringComparison.Ordinal));
        await context.Tokens.ExecuteDeleteAsync(Cancellation);
        Assert.False(await context.DailyCounts.AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Prune_SeveralNodesAtOnce_CreateEachPartitionOnceAndLoseNoCount()
    {
        await using var first = await TestPortal.CreateAsync(onPostgres: true);
        await using var second = await TestPortal.CreateAsync(server: TestDatabase.FindConnectionString(first.Directory));
        await first.CreateAsync();
        await using var context = await first.OpenAsync();
        await AddAsync(context, new DateOnly(2030, 1, 15));

        await Task.WhenAll(new[] { first, second }.Select(portal => Task.Run(() => portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(Cancellation))));
        // One that had to wait for too long tries again a few hours later.
        await second.Services.GetRequiredService<StatisticsPruner>().PruneAsync(Cancellation);

        Assert.Equal(3 + 1 + 3 + 1 + 9 + 1, (await ReadAsync(context, Partitions)).Count);
        Assert.Equal(1, await context.DailyCounts.SumAsync(count => count.Count, Cancellation));
    }

    private static async Task AddAsync(PortalDbContext context, DateOnly day)
    {
        context.DailyCounts.Add(new DailyCount { TokenId = 1, Day = day, ModuleId = "MD-0002", StatusCode = 200, Reason = "", Count = 1 });
        await context.SaveChangesAsync(Cancellation);
    }

    private static async Task<List<string>> RowsAsync(PortalDbContext context, string[] tables)
    {
        List<string> rows = [];
        foreach (var table in tables)
            rows.AddRange(await ReadAsync(context, $"""SELECT "{table}"::text AS "Value" FROM "{table}" ORDER BY 1"""));
        return rows;
    }

    /// <summary>The indexes and constraints, without the parts that say whether a table is partitioned.</summary>
    private static Task<List<string>> KeysAsync(PortalDbContext context, string[] tables)
    {
        var names = string.Join(", ", tables.Select(table => $"'\"{table}\"'::regclass"));
        return ReadAsync(
            context,
            $"""
            SELECT replace(pg_get_indexdef(indexrelid), 'ON ONLY', 'ON') AS "Value" FROM pg_index WHERE indrelid IN ({names})
            UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ({names}) ORDER BY 1
            """);
    }

    private static async Task<List<string>> ReadAsync(PortalDbContext context, string query) => await context.Database.SqlQueryRaw<string>(query).ToListAsync(Cancellation);

    private static PostgresDbContext Open(string connection)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgres(connection);
        return new PostgresDbContext(options.Options);
    }
}
