using System.Data.Common;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

/// <summary>The database itself refuses changes of the audit log.</summary>
public sealed class AppendOnlyTests
{
    [Theory]
    [InlineData("""UPDATE "AuditEntries" SET "ActorName" = 'Nobody'""")]
    [InlineData("""UPDATE "AuditEntries" SET "Details" = NULL WHERE "Id" = 3""")]
    [InlineData("""UPDATE "AuditEntries" SET "Hash" = NULL WHERE "Id" = 3""")]
    [InlineData("""UPDATE "AuditEntries" SET "Hash" = x'00' WHERE "Id" = 2""")]
    [InlineData("""UPDATE "AuditEntries" SET "Address" = '192.0.2.1' WHERE "Id" = 1""")]
    [InlineData("""UPDATE "AuditEntries" SET "Id" = 40 WHERE "Id" = 3""")]
    [InlineData("""DELETE FROM "AuditEntries" WHERE "Id" = 3""")]
    [InlineData("""DELETE FROM "AuditEntries" WHERE "Id" = 2""")]
    [InlineData("""DELETE FROM "AuditEntries" """)]
    [InlineData("""UPDATE "AuditTrims" SET "LastEntryId" = 99""")]
    [InlineData("""DELETE FROM "AuditTrims" """)]
    public async Task Change_OfTheLog_IsRefused(string sql)
    {
        await using var portal = await WithEntriesAsync();
        await portal.ExecuteAsync("""INSERT INTO "AuditTrims" ("At", "LastEntryId", "Entries") VALUES ('2030-01-15 12:00:00', 1, 1)""");
        var before = await portal.AuditAsync();

        await Assert.ThrowsAnyAsync<DbException>(() => portal.ExecuteAsync(sql));

        Assert.Equivalent(before, await portal.AuditAsync(), strict: true);
    }

    [Fact]
    public async Task Delete_OfWhatATrimCovers_IsAllowed()
    {
        await using var portal = await WithEntriesAsync();
        await portal.ExecuteAsync("""INSERT INTO "AuditTrims" ("At", "LastEntryId", "LastHash", "Entries") SELECT '2030-01-15 12:00:00', "Id", "Hash", 2 FROM "AuditEntries" WHERE "Id" = 2""");
        await portal.ExecuteAsync("""DELETE FROM "AuditEntries" WHERE "Id" <= 2""");

        Assert.Equal([3], (await portal.AuditAsync()).Select(entry => entry.Id));
        await using var context = await portal.OpenAsync();
        Assert.Empty((await AuditChain.CheckAsync(context, cancellation: TestContext.Current.CancellationToken)).Broken);
    }

    private static async Task<TestPortal> WithEntriesAsync()
    {
        var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 3; i++)
            await portal.CreateAsync(name: $"Token {i}");
        return portal;
    }
}
