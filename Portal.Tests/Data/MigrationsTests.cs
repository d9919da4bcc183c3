using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed partial class MigrationsTests : IDisposable
{
    private const string RecordsEnds = "20261126105741_EndedSecrets";

    private readonly string _folder = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What Portal's own code says may change; what a migration did must not.</summary>
    [Fact]
    public void Sources_OfMigrations_ReferToNothingOfPortalsOwn()
    {
        var own = typeof(PortalDbContext).Assembly.GetTypes()
            .Where(type => type.Namespace is { } space && space.StartsWith("Portal", StringComparison.Ordinal) && !typeof(Migration).IsAssignableFrom(type) && !type.IsNested)
            .Select(type => type.Name.Split('`')[0]).ToHashSet();
        Assert.Contains("TokenTotals", own);
        var files = Directory.GetFiles(Path.Combine(Built.SourceRoot, "Portal", "Data", "Sqlite", "Migrations"), "*.cs")
            .Where(path => !path.EndsWith(".Designer.cs", StringComparison.Ordinal) && !path.EndsWith("Snapshot.cs", StringComparison.Ordinal)).ToList();
        Assert.True(files.Count >= 7);
        Assert.Empty(
            from path in files
            let code = NotCode().Replace(File.ReadAllText(path), "")
            from name in Name().Matches(code).Select(match => match.Value).Distinct()
            where own.Contains(name)
            select $"{Path.GetFileName(path)} mentions {name}");
    }

    [Fact]
    public async Task Migrate_FromEveryFormerVersion_HasTheSchemaOfNowAndKeepsWhatWasStored()
    {
        await using var fresh = StoredData.Open(_folder);
        var versions = fresh.Database.GetMigrations().ToList();
        await fresh.Database.MigrateAsync();
        var expected = await SchemaAsync(fresh);
        Assert.Contains(expected, line => line.StartsWith("trigger TR_Tokens_Update", StringComparison.Ordinal));
        foreach (var version in versions.SkipLast(1))
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, version)).FullName;
            await using var context = StoredData.Open(folder);
            var migrator = context.GetService<IMigrator>();
            await migrator.MigrateAsync(version);
            await FillAsync(context);
            await migrator.MigrateAsync();

            Assert.Equal(expected, await SchemaAsync(context));
            Assert.Equal(["Live", "Overlap run out", "Deleted"], await context.Tokens.OrderBy(token => token.Id).Select(token => token.Name).ToListAsync());
            // From the version on that records ends, the running Portal removes the copies of ended secrets, and no migration does.
            var recordsEnds = string.CompareOrdinal(version, RecordsEnds) >= 0;
            Assert.Equal(recordsEnds ? ["1 S", "2 S", "3 S", "4 S"] : ["1 S", "2 -", "3 S", "4 -"], await context.TokenSecrets.OrderBy(secret => secret.Id)
                .Select(secret => secret.Id + (secret.Protected == null ? " -" : " S")).ToListAsync());
            Assert.Equal(recordsEnds ? [] : [2L, 4L], await context.TokenSecrets.Where(secret => secret.EndedAt != null).OrderBy(secret => secret.Id).Select(secret => secret.Id).ToListAsync());
            Assert.Equal((2, "SU-000-000-001"), ((await context.TokenTallies.SingleAsync()).Kept, (await context.Tokens.FirstAsync()).Handle));
        }

        SqliteConnection.ClearAllPools();
    }

    /// <summary>As the first version would have stored them; later columns are not there yet.</summary>
    private static Task<int> FillAsync(PortalDbContext context) => context.Database.ExecuteSqlRawAsync(
        """
        INSERT INTO "Accounts" ("Id", "Name", "CreatedAt", "PerpetualAllowed") VALUES ('PA-000-001', 'Main account', '2030-01-01 00:00:00', 1);
        INSERT INTO "Tokens" ("Id", "AccountId", "Handle", "CreationId", "Name", "NameKey", "SearchText", "ExtensionId", "ExtensionName", "Status", "AllModules",
            "PreviousEndsAt", "CreatedAt", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "DeletedAt", "Version")
        VALUES
            (1, 'PA-000-001', 'SU-000-000-001', '00000000-0000-0000-0000-000000000001', 'Live', 'LIVE', '', 'EXT-000', 'custom', 1, 0, NULL, '2030-01-01', 'u', 'U', '2030-01-01', 'u', 'U', NULL, '00000000-0000-0000-0000-000000000001'),
            (2, 'PA-000-001', 'SU-000-000-002', '00000000-0000-0000-0000-000000000002', 'Overlap run out', 'OVERLAP', '', 'EXT-000', 'custom', 1, 0, '2030-01-02', '2030-01-01', 'u', 'U', '2030-01-01', 'u', 'U', NULL, '00000000-0000-0000-0000-000000000002'),
            (3, 'PA-000-001', 'SU-000-000-003', '00000000-0000-0000-0000-000000000003', 'Deleted', 'DELETED', '', 'EXT-000', 'custom', 3, 0, NULL, '2030-01-01', 'u', 'U', '2030-01-01', 'u', 'U', '2030-01-03', '00000000-0000-0000-0000-000000000003');
        INSERT INTO "TokenSecrets" ("Id", "TokenId", "Hash", "Protected", "CreatedAt", "ExpiresAt", "EndsAt") VALUES
            (1, 1, x'01', x'AA', '2030-01-01', NULL, NULL), (2, 2, x'02', x'BB', '2030-01-01', NULL, '2030-01-02 00:00:00'),
            (3, 2, x'03', x'CC', '2030-01-01', NULL, '2099-01-02 00:00:00'), (4, 3, x'04', x'DD', '2030-01-01', NULL, NULL);
        INSERT INTO "AuditEntries" ("AccountId", "At", "ActorKind", "ActorId", "ActorName", "Action", "TargetId", "TargetName")
        VALUES ('PA-000-001', '2030-01-03 00:00:00', 'user', 'u', 'U', 'token.deleted', 'SU-000-000-003', 'Deleted');
        """);

    private static Task<List<string>> SchemaAsync(PortalDbContext context) => context.Database.SqlQuery<string>(
        $"""SELECT "type" || ' ' || "name" || ' ' || COALESCE("sql", '') AS "Value" FROM "sqlite_master" WHERE "name" NOT LIKE '\_\_%' ESCAPE '\' ORDER BY "name" """).ToListAsync();

    /// <summary>Strings, comments, names of columns, and what names the namespace and the class.</summary>
    [GeneratedRegex("\"\"\".*?\"\"\"|\"(?:[^\"\\\\]|\\\\.)*\"|//.*?$|^namespace .*?$|class \\w+|\\w+ = table\\.|\\b(?:table|x)\\.\\w+", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Name();
}
