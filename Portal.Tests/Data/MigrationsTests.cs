using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Data;

[SqliteOnly]
public sealed partial class MigrationsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The code may change, but the effect of a migration must not.</summary>
    [Fact]
    public void Sources_OfMigrations_ReferToNothingOfPortalsOwn()
    {
        var own = typeof(PortalDbContext).Assembly.GetTypes()
            .Where(type => type.Namespace is { } space && space.StartsWith("Portal", StringComparison.Ordinal) && !typeof(Migration).IsAssignableFrom(type) && !type.IsNested)
            .Select(type => type.Name.Split('`')[0]).ToHashSet();
        Assert.Contains("TokenTotals", own);
        var files = Directory.GetFiles(Path.Combine(Built.SourceRoot, "Portal", "Data", "Sqlite", "Migrations"), "*.cs")
            .Where(path => !path.EndsWith(".Designer.cs", StringComparison.Ordinal) && !path.EndsWith("Snapshot.cs", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, path => path.EndsWith("_Initial.cs", StringComparison.Ordinal));
        Assert.Empty(
            from path in files
            let code = NotCode().Replace(File.ReadAllText(path), "")
            from name in Name().Matches(code).Select(match => match.Value).Distinct()
            where own.Contains(name)
            select $"{Path.GetFileName(path)} mentions {name}");
    }

    [Fact]
    public async Task Model_HasNoChangesWithoutAMigration()
    {
        await using var context = StoredData.Open(_folder);
        Assert.False(context.Database.HasPendingModelChanges(), "Add a migration with --context PortalDbContext.");
        await using var postgres = new DesignTimePostgresContextFactory().CreateDbContext([]);
        Assert.False(postgres.Database.HasPendingModelChanges(), "Add a migration with --context PostgresDbContext.");
    }

    /// <summary>The nine migrations became one. Only the order of columns may differ.</summary>
    [Fact]
    public async Task Migrate_DatabaseOfTheFormerMigrations_HasTheSchemaOfAFreshOneAndKeepsEveryRow()
    {
        var former = await FormerDatabaseAsync();
        var rows = await RowsAsync(former);
        Assert.All(Tables(rows), table => Assert.NotEmpty(rows[table]));

        await MigrateAsync(former);

        var fresh = Directory.CreateDirectory(Path.Combine(_folder, "fresh")).FullName;
        await MigrateAsync(fresh);
        var (expected, actual) = (await SchemaAsync(fresh), await SchemaAsync(former));
        Assert.Equal(expected, actual);
        Assert.Contains(actual, line => line.StartsWith("trigger TR_Tokens_Update ", StringComparison.Ordinal));
        Assert.Contains(actual, line => line.StartsWith("index IX_SeenAddresses_LastSeenOn ", StringComparison.Ordinal));
        Assert.Contains("column Tokens.MayOutlive INTEGER 1 0 0", actual);
        var kept = await RowsAsync(former);
        // No release wrote this table.
        Assert.Equal(["ExpiryNotices"], rows.Keys.Except(kept.Keys));
        rows.Remove("ExpiryNotices");
        // Nothing could set the columns that end this row.
        rows["Accounts"] = [.. rows["Accounts"].Select(row => row[..row.IndexOf(" MaximumLifetimeDays", StringComparison.Ordinal)])];
        Assert.Equal(
            [
                "ApprovalRequests", "AuditStreamCursors", "AuditTrims", "CalendarFeeds", "HourlyCounts", "NoticeRecipients", "Notices", "NoticeSettings", "OneTimeLinks", "RecoveryCodes",
                "SavedViews", "ScimGroupMembers", "ScimGroups", "ScimUsers", "TokenOwners", "TokenPolicies", "TokenTemplates", "UserPasskeys",
                "UserSecondFactors", "UserSessions", "WebhookAttempts", "WebhookDeliveries", "WebhookEndpoints",
            ],
            kept.Keys.Except(rows.Keys).Order());
        // The user who created a token is its owner, so that table has rows.
        Assert.Single(kept["TokenOwners"]);
        Assert.All(kept["Tokens"], (token, i) => Assert.Contains(i == 0 ? "OwnerId=1" : "OwnerId=", token, StringComparison.Ordinal));
        // Later migrations add columns at the end, and a row for each to the history.
        Assert.All(Tables(rows), table => Assert.Equal(rows[table], kept[table].Zip(rows[table], (now, before) => now[..Math.Min(now.Length, before.Length)])));
        Assert.All(Tables(rows).Except(["__EFMigrationsHistory"]), table => Assert.Equal(rows[table].Count, kept[table].Count));
    }

    [Fact]
    public async Task Start_DatabaseOfTheFormerMigrations_Works()
    {
        var former = await FormerDatabaseAsync();
        // The encrypted copies are invented: no key ring could decrypt them.
        await ExecuteAsync(former, """UPDATE "TokenSecrets" SET "Protected" = NULL""");
        await using var portal = new PortalHost("Development", folder: former);
        await portal.InitializeAsync();
        Assert.Equal("Healthy", await portal.Client.GetStringAsync("/health/ready"));

        await using var context = await portal.ContextAsync();
        context.AddUser(portal.Administrator);
        await context.SaveChangesAsync();
        Assert.Empty(await context.Database.GetPendingMigrationsAsync());
        var reader = portal.Services.GetRequiredService<TokenReader>();
        var (live, rotated) = (await reader.FindAsync(portal.Administrator, "SU-000-000-001"), await reader.FindAsync(portal.Administrator, "SU-000-000-002"));
        Assert.Equal(("Live", "CRM-1", null, true), (live!.Name, live.ExternalId, live.CreatorHandle, live.MayOutlive));
        Assert.Equal(("Rotated", "SU-000-000-001", true), (rotated!.Name, rotated.CreatorHandle, rotated.AllModules));
        Assert.Equal(["Live", "Rotated"], (await reader.ListAsync(portal.Administrator, new TokenQuery())).Rows.Select(token => token.Name).Order());
        // The triggers work.
        await portal.CreateTokenAsync();
        Assert.Equal(3, (await context.TokenTotals.AsNoTracking().SingleAsync()).Kept);
    }

    [Fact]
    public async Task Fill_DatabaseOfTheFormerMigrations_SortsItsNames()
    {
        var former = await FormerDatabaseAsync();
        await ExecuteAsync(former, """UPDATE "Tokens" SET "Name" = 'Älter' WHERE "Name" = 'Rotated'""");
        await MigrateAsync(former);
        await using var portal = TestPortal.Open(former);
        Assert.True(await portal.Services.GetRequiredService<NameSortKeyFill>().FillAsync(TestContext.Current.CancellationToken) > 1);

        await using var context = await portal.OpenAsync();
        Assert.False(await context.Tokens.AnyAsync(token => token.NameSortKey == null, TestContext.Current.CancellationToken));
        Assert.Equal(
            ["Älter", "Live"],
            await context.Tokens.Where(token => token.DeletedAt == null).OrderBy(token => token.NameSortKey).Select(token => token.Name).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("20261126110500_TokenCreators")]
    [InlineData("20261124055608_Initial")]
    public async Task Start_DatabaseOfFewerFormerMigrations_StopsAndSaysWhatToDo(string last)
    {
        var former = await FormerDatabaseAsync();
        await ExecuteAsync(former, $"""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" > '{last}'""");
        var rows = await RowsAsync(former);

        var stopped = await Assert.ThrowsAsync<DatabaseUnusableException>(() => MigrateAsync(former));

        Assert.Equal(
            $"The database {Path.Combine(former, "portal.db")} was created by a development version of Portal that this version can't upgrade "
            + $"(its last migration is {last}): start Portal once from commit cd2f33d, then start this version.", stopped.Message);
        Assert.Equal(stopped.Message, StartupFailure.Describe(stopped));
        Assert.Equal(rows["__EFMigrationsHistory"], (await RowsAsync(former))["__EFMigrationsHistory"]);
    }

    /// <summary>Migrates the data directory as every start does.</summary>
    private static async Task MigrateAsync(string folder)
    {
        await using var portal = TestPortal.Open(folder);
        await portal.Services.MigrateDatabaseAsync();
    }

    private async Task<string> FormerDatabaseAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "former")).FullName;
        await ExecuteAsync(folder, await File.ReadAllTextAsync(Path.Combine(Built.SourceRoot, "Portal.Tests", "Data", "Sqlite", "FormerDatabase.sql")));
        return folder;
    }

    private static IEnumerable<string> Tables(Dictionary<string, List<string>> rows) => rows.Keys.Where(table => table != "__EFMigrationsLock");

    private static async Task ExecuteAsync(string folder, string sql)
    {
        await using var connection = await OpenAsync(folder);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>All stored data by table. Each row contains the names of its columns, in order.</summary>
    private static async Task<Dictionary<string, List<string>>> RowsAsync(string folder)
    {
        var rows = new Dictionary<string, List<string>>();
        foreach (var table in await ReadAsync(folder, """SELECT "name" FROM "sqlite_master" WHERE "type" = 'table'"""))
            rows[table] = [.. (await ReadAsync(folder, $"SELECT * FROM \"{table}\"", withNames: true)).Order(StringComparer.Ordinal)];
        return rows;
    }

    /// <summary>The schema, with a line for each column, foreign key, index and trigger.</summary>
    private static Task<List<string>> SchemaAsync(string folder) => ReadAsync(
        folder,
        """
        SELECT 'column', m."name" || '.' || c."name", c."type", c."notnull", COALESCE(c."dflt_value", ''), c."pk" FROM "sqlite_master" AS m, pragma_table_info(m."name") AS c WHERE m."type" = 'table'
        UNION ALL
        SELECT 'key', m."name" || '.' || k."from", k."table", k."to", k."on_delete", k."seq" FROM "sqlite_master" AS m, pragma_foreign_key_list(m."name") AS k WHERE m."type" = 'table'
        UNION ALL
        SELECT "type", "name", "tbl_name", COALESCE("sql", ''), '', '' FROM "sqlite_master" WHERE "type" <> 'table'
        ORDER BY 1, 2
        """);

    private static async Task<List<string>> ReadAsync(string folder, string sql, bool withNames = false)
    {
        await using var connection = await OpenAsync(folder);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var row = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await row.ReadAsync())
            lines.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount)
                .Select(i => (withNames ? row.GetName(i) + '=' : "") + (row.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : row.GetValue(i)))));
        return lines;
    }

    private static async Task<SqliteConnection> OpenAsync(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "portal.db")};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Matches strings, comments, column names, and the names of the namespace and the class.</summary>
    [GeneratedRegex("\"\"\".*?\"\"\"|\"(?:[^\"\\\\]|\\\\.)*\"|//.*?$|^namespace .*?$|class \\w+|\\w+ = table\\.|\\b(?:table|x)\\.\\w+", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Name();
}
