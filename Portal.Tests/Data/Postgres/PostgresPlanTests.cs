using Npgsql;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Data.Postgres;

/// <summary>No operation reads more rows with more tokens, except those that do on SQLite as well. <c>QueryPlanTests</c> has the reasons.</summary>
[Slow]
public sealed class PostgresPlanTests
{
    /// <summary>A tenth of the tokens.</summary>
    private const int Most = 2_000;

    private const string ReadsIds = "Reads the IDs of what the filter finds, which is a third of the tokens here.", Used = "Reads the IDs of used tokens, which TokenUses keeps.",
        Working = "Reads the IDs of all tokens that aren't removed.";

    /// <summary>Operations that read many rows, because they find many, with the reason.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["AddressChecker.CheckAsync for a module"] = Working,
        ["EncryptedSecrets.ReencryptAsync"] = "A command that goes through all keys. None of these here has a copy.",
        ["TokenAttentionReader.CountAsync"] = Used,
        ["TokenExporter.OpenAsync"] = ReadsIds,
        ["TokenReader.FindIdsAsync"] = ReadsIds,
        ["TokenReader.ListAsync idle"] = Used,
        ["TokenReader.ListAsync idle by last use"] = Used,
        ["TokenReader.ListAsync of an extension"] = ReadsIds,
        ["TokenReader.ListAsync of never used tokens"] = ReadsIds,
        ["TokenReader.ListAsync of unused tokens"] = Used,
        ["TokenReader.ReadBulkAsync of a query"] = "Reads as many as an action may change.",
        ["TokenUses.GetAsync"] = Used,
        ["WorkingTokens.FindAsync"] = Working,
    };

    private const string Fill =
        $"""
        SET session_replication_role = replica;
        INSERT INTO "Tokens" (
            "AccountId", "Handle", "CreationId", "Name", "NameKey", "NameSortKey", "SearchText", "ExternalId", "ExtensionId", "ExtensionName", "Status", "AllModules", "MayOutlive", "ExpiresAt",
            "CreatedAt", "CreatedByKind", "CreatedById", "CreatedByName", "UpdatedAt", "UpdatedById", "UpdatedByName", "LastUsedAt", "ListVersion", "Version")
        SELECT '{TestPortal.Account}', to_char(n, 'FM"SU-000-"000000'), gen_random_uuid(), 'Filler ' || n, 'FILLER ' || n, convert_to('FILLER ' || n, 'UTF8'), 'FILLER ' || n, 'X-' || n,
            'EXT-00' || n % 3, 'custom', 1, n % 5 = 0, FALSE, CASE WHEN n % 4 > 0 THEN timestamptz '2030-02-01 00:00:00+00' + n * interval '1 hour' END,
            timestamptz '2029-01-01 00:00:00+00' + n * interval '1 minute', 0, 'user-Operator', 'An Operator', timestamptz '2029-01-01 00:00:00+00', 'user-Operator', 'An Operator',
            CASE WHEN n % 3 > 0 THEN timestamptz '2030-01-01 00:00:00+00' + n * interval '1 minute' END, n, gen_random_uuid()
        FROM generate_series(1, 20000) AS numbers(n);
        INSERT INTO "TokenSecrets" ("TokenId", "Hash", "Fingerprint", "CreatedAt", "UsedCount")
        SELECT "Id", sha256("CreationId"::text::bytea), right("Handle", 4), "CreatedAt", 0 FROM "Tokens";
        INSERT INTO "TokenPermissions" ("TokenId", "ModuleId", "ModuleName", "GrantedAt", "GrantedById", "GrantedByName")
        SELECT "Id", 'MD-000' || 2 + "Id" % 3, 'A module', "CreatedAt", 'user-Operator', 'An Operator' FROM "Tokens";
        CREATE TABLE "DailyCounts_2030_01" PARTITION OF "DailyCounts" FOR VALUES FROM ('2030-01-01') TO ('2030-02-01');
        INSERT INTO "DailyCounts" ("TokenId", "Day", "ModuleId", "StatusCode", "Reason", "Count") SELECT "Id", date '2030-01-14', 'MD-0002', 200, '', 1 FROM "Tokens";
        INSERT INTO "AuditEntries" ("AccountId", "At", "ActorId", "ActorName", "ActorKind", "Action", "TargetId", "TargetName", "Hash")
        SELECT "AccountId", "CreatedAt", 'user-Operator', 'An Operator', 'user', 'token.created', "Handle", "Name", sha256('x') FROM "Tokens";
        INSERT INTO "TokenTallies" ("AccountId", "Version", "Kept", "Removed") VALUES ('{TestPortal.Account}', 20000, 20000, 0);
        ANALYZE;
        """;

    [Fact]
    public async Task Operations_ManyTokens_ReadFewRows()
    {
        var server = await PostgresServer.GetAsync();
        var database = await TestPortal.Databases.TakeAsync();
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var fill = connection.CreateCommand();
            fill.CommandText = Fill;
            await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var recorder = new PlanRecorder();
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using (var portal = await TestPortal.CreateAsync(services: recorder.Register, server: database))
            foreach (var (name, run) in DatabaseOperations.All)
            {
                var subject = await Subject.CreateAsync(portal);
                // The index for searches reads what the operations before have changed.
                await portal.Reader.ListAsync(portal.Administrator, new TokenQuery { Search = "nothing" }, TestContext.Current.CancellationToken);
                recorder.TakeLarge(Most);
                await run(subject);
                if (recorder.TakeLarge(Most) is [var plan, ..])
                    found.Add(name, plan);
            }

        // Its connections write plans, so no other test can use it.
        await server.DropAsync(database);
        var faults = found.Where(operation => !Exceptions.ContainsKey(operation.Key) && !QueryPlanTests.Exceptions.ContainsKey(operation.Key)).Select(operation => $"{operation.Key}: {operation.Value}").ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(Exceptions.Keys.Except(found.Keys)); // An exception that is no longer needed.
    }
}
