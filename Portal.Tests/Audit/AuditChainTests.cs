using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Audit;

/// <summary>Each entry of the audit log contains the hash of the one before.</summary>
public sealed class AuditChainTests
{
    [Fact]
    public async Task Check_UntouchedLog_FitsAndHasAHead()
    {
        await using var portal = await WithEntriesAsync();

        var state = await CheckAsync(portal);

        Assert.Equal((5, 0), (state.Entries, state.Unchained));
        Assert.Empty(state.Broken);
        var entries = await portal.AuditAsync();
        Assert.Equal(new AuditHead(entries[^1].Id, Convert.ToHexStringLower(entries[^1].Hash!)), state.Head);
        Assert.Distinct(entries.Select(entry => Convert.ToHexString(entry.Hash!)));
        await using var context = await portal.OpenAsync();
        Assert.True(await AuditChain.HasAsync(context, state.Head!, TestContext.Current.CancellationToken));
        Assert.False(await AuditChain.HasAsync(context, state.Head! with { Id = 1 }, TestContext.Current.CancellationToken));
    }

    /// <summary>Each column, a removed entry and a new hash.</summary>
    [Theory]
    [InlineData("""UPDATE "AuditEntries" SET "At" = '2001-01-01 00:00:00' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "AccountId" = 'PA-000-002' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "ActorId" = 'nobody' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "ActorName" = 'Nobody' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "ActorKind" = 'system' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "Action" = 'token.enabled' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "TargetId" = 'SU-000-000-000' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "TargetName" = 'Other' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "Details" = NULL WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "Address" = '192.0.2.1' WHERE "Id" = 2""", 2L)]
    [InlineData("""UPDATE "AuditEntries" SET "Hash" = x'00' WHERE "Id" = 2""", 2L, 3L)]
    [InlineData("""UPDATE "AuditEntries" SET "Hash" = NULL WHERE "Id" = 4""", 4L, 5L)]
    [InlineData("""DELETE FROM "AuditEntries" WHERE "Id" = 3""", 4L)]
    [InlineData("""DELETE FROM "AuditEntries" WHERE "Id" < 3""", 3L)]
    [InlineData("""UPDATE "AuditEntries" SET "Id" = 40 WHERE "Id" = 4""", 5L, 40L)]
    public async Task Check_ChangedLog_NamesTheEntries(string sql, params long[] broken)
    {
        await using var portal = await WithEntriesAsync();
        await portal.ExecuteAsync(AuditTriggers.Off);
        await portal.ExecuteAsync(sql);
        Assert.Equal(broken, (await CheckAsync(portal)).Broken);
    }

    [Fact]
    public async Task Check_CutAtTheEnd_ShowsByTheExpectedHeadOnly()
    {
        await using var portal = await WithEntriesAsync();
        var head = (await CheckAsync(portal)).Head!;
        await portal.ExecuteAsync(AuditTriggers.Off);
        await portal.ExecuteAsync("""DELETE FROM "AuditEntries" WHERE "Id" = 5""");
        Assert.Empty((await CheckAsync(portal)).Broken);
        await using var context = await portal.OpenAsync();
        Assert.False(await AuditChain.HasAsync(context, head, TestContext.Current.CancellationToken));
    }

    /// <summary>A database of an earlier version has entries without hashes.</summary>
    [Fact]
    public async Task Check_EntriesOlderThanTheChain_AreCountedOnly()
    {
        await using var portal = await WithEntriesAsync();
        await portal.ExecuteAsync(AuditTriggers.Off);
        await portal.ExecuteAsync("""UPDATE "AuditEntries" SET "Hash" = NULL""");
        await portal.CreateAsync(name: "After");
        var state = await CheckAsync(portal);
        Assert.Equal((6, 5), (state.Entries, state.Unchained));
        Assert.Empty(state.Broken);
        Assert.Equal(6, state.Head!.Id);
    }

    [Fact]
    public async Task Anchor_WritesTheNewestHashToTheLogOnce()
    {
        using var log = new LogRecorder();
        await using var portal = await WithEntriesAsync(services => services.AddLogging(logging => logging.AddProvider(log)));
        var anchor = portal.Services.GetRequiredService<AuditAnchor>();
        await anchor.WriteAsync(TestContext.Current.CancellationToken);
        await anchor.WriteAsync(TestContext.Current.CancellationToken);
        var head = (await CheckAsync(portal)).Head!;
        Assert.Single(log.Text.Split('\n'), line => line.Contains($"the hash of entry {head.Id} is {head.Hash}", StringComparison.Ordinal));
    }

    private static async Task<AuditChainState> CheckAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await AuditChain.CheckAsync(context, cancellation: TestContext.Current.CancellationToken);
    }

    private static async Task<TestPortal> WithEntriesAsync(Action<IServiceCollection>? services = null)
    {
        var portal = await TestPortal.CreateAsync(services: services);
        for (var i = 0; i < 5; i++)
            await portal.CreateAsync(name: $"Token {i}");
        return portal;
    }
}
