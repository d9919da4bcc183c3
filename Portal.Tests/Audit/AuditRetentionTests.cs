using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

public sealed class AuditRetentionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trim_OldEntries_AreRemovedAndTheRestStillFits()
    {
        await using var portal = await WithOldEntriesAsync(AuditRetention.EntriesAtOnce + 20);
        await portal.CreateAsync(name: "New");
        var before = await portal.AuditAsync();

        Assert.Equal(AuditRetention.EntriesAtOnce + 20, await portal.Services.GetRequiredService<AuditRetention>().TrimAsync(Cancellation));

        var entries = await portal.AuditAsync();
        Assert.Equal([AuditAction.TokenCreated, AuditAction.AuditTrimmed, AuditAction.AuditTrimmed], entries.Select(entry => entry.Action));
        Assert.Contains($"\"last_entry\":{before[^2].Id}", entries[^1].Details, StringComparison.Ordinal);
        await using var context = await portal.OpenAsync();
        Assert.Empty((await AuditChain.CheckAsync(context, cancellation: Cancellation)).Broken);
        Assert.Equal(AuditRetention.EntriesAtOnce + 20, await context.AuditTrims.SumAsync(trim => trim.Entries, Cancellation));
        Assert.Equal(0, await portal.Services.GetRequiredService<AuditRetention>().TrimAsync(Cancellation));
    }

    /// <summary>Someone removes entries, and pretends that it was the retention.</summary>
    [Fact]
    public async Task Check_AfterATrim_FindsAFurtherRemovedEntry()
    {
        await using var portal = await WithOldEntriesAsync(3);
        await portal.CreateAsync(name: "New");
        await portal.Services.GetRequiredService<AuditRetention>().TrimAsync(Cancellation);
        await portal.ExecuteAsync(AuditTriggers.Off);
        await portal.ExecuteAsync("""DELETE FROM "AuditEntries" WHERE "Id" = 4""");
        await using var context = await portal.OpenAsync();
        Assert.Equal([5], (await AuditChain.CheckAsync(context, cancellation: Cancellation)).Broken);
    }

    /// <summary>The removals are compared with the entries that record them.</summary>
    [Theory]
    [InlineData(null)]
    // The table of removals says that more was removed than the log records.
    [InlineData("""INSERT INTO "AuditTrims" ("At", "LastEntryId", "LastHash", "Entries") SELECT '2030-01-15 12:00:00', "Id", "Hash", 1 FROM "AuditEntries" WHERE "Id" = 4; DELETE FROM "AuditEntries" WHERE "Id" = 4""", 4L)]
    [InlineData("""INSERT INTO "AuditTrims" ("At", "LastEntryId", "Entries") VALUES ('2030-01-15 12:00:00', 2, 2)""", 2L)]
    // Less was removed than it says.
    [InlineData("""INSERT INTO "AuditTrims" ("At", "LastEntryId", "LastHash", "Entries") SELECT '2030-01-15 12:00:00', "Id", "Hash", 1 FROM "AuditEntries" WHERE "Id" = 4""", 4L)]
    [InlineData("""UPDATE "AuditTrims" SET "Entries" = 2""", 3L)]
    [InlineData("""UPDATE "AuditTrims" SET "LastEntryId" = 2""", 2L, 3L)]
    [InlineData("""DELETE FROM "AuditTrims" """, 3L)]
    public async Task FindWrong_ForgedRemoval_NamesIt(string? sql, params long[] wrong)
    {
        await using var portal = await WithOldEntriesAsync(3);
        await portal.CreateAsync(name: "New");
        Assert.Equal(3, await portal.Services.GetRequiredService<AuditRetention>().TrimAsync(Cancellation));
        await portal.ExecuteAsync(AuditTriggers.Off);
        if (sql is not null)
            await portal.ExecuteAsync(sql);
        await using var context = await portal.OpenAsync();
        Assert.Equal(wrong, await AuditTrims.FindWrongAsync(context, Cancellation));
        Assert.Equal(wrong, (await portal.Services.GetRequiredService<AuditChecker>().CheckAsync(portal.Administrator, cancellation: Cancellation)).WrongTrims);
    }

    /// <summary>The records of earlier removals are removed in time, too.</summary>
    [Fact]
    public async Task FindWrong_RecordsOfRemovalsThatWereRemoved_AreNotMissed()
    {
        await using var portal = await WithOldEntriesAsync(3);
        var retention = portal.Services.GetRequiredService<AuditRetention>();
        for (var month = 0; month < 4; month++)
        {
            await retention.TrimAsync(Cancellation);
            await portal.CreateAsync(name: $"Token {month}");
            // In steps, because a jump of the clock isn't trusted.
            for (var step = 0; step < 2; step++)
            {
                portal.Clock.Advance(TimeSpan.FromDays(20));
                _ = portal.Services.GetRequiredService<MonotonicClock>().GetUtcNow();
            }
        }

        await using var context = await portal.OpenAsync();
        Assert.Empty(await AuditTrims.FindWrongAsync(context, Cancellation));
        Assert.True(await context.AuditTrims.CountAsync(Cancellation) > await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.AuditTrimmed, Cancellation));
    }

    [Fact]
    public async Task Trim_WithoutARetention_KeepsEverything()
    {
        await using var portal = await WithOldEntriesAsync(3, days: "0");
        Assert.Equal(0, await portal.Services.GetRequiredService<AuditRetention>().TrimAsync(Cancellation));
        Assert.Equal(3, (await portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task Anchor_WithAFile_AppendsTheNewestHash()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "anchor.txt");
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Audit:AnchorFile"] = file });
        var anchor = portal.Services.GetRequiredService<AuditAnchor>();
        for (var i = 0; i < 2; i++)
        {
            await portal.CreateAsync(name: $"Token {i}");
            await anchor.WriteAsync(Cancellation);
            await anchor.WriteAsync(Cancellation);
        }

        var entries = await portal.AuditAsync();
        Assert.Equal(entries.Select(entry => $"2030-01-15T12:00:00Z {entry.Id}:{Convert.ToHexStringLower(entry.Hash!)}"), await File.ReadAllLinesAsync(file, Cancellation));
    }

    private static async Task<TestPortal> WithOldEntriesAsync(int number, string days = "30")
    {
        var portal = await TestPortal.CreateAsync(settings: new() { ["Audit:RetentionDays"] = days });
        await using var context = await portal.OpenAsync();
        for (var i = 0; i < number; i++)
            context.AuditEntries.Add(new AuditEntry
            {
                AccountId = TestPortal.Account, At = TestPortal.Start.AddDays(-60), ActorId = "a", ActorName = "a", ActorKind = "user", Action = "token.created", TargetId = "t", TargetName = "t",
            });
        await context.SaveChangesAsync();
        return portal;
    }
}
