using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Statistics;

/// <summary>The records of single requests: their durations, and the most recent requests.</summary>
public sealed class ServedRequestsTests
{
    [Fact]
    public async Task Read_ServedRequests_AreThereWithTheirTimesBeforeAndAfterTheyAreWritten()
    {
        await using var portal = await TestPortal.CreateAsync();
        var created = await portal.CreateAsync();
        var handle = created.Handle;
        for (var i = 1; i <= 3; i++)
            Count(portal, 1, $"/public/v1/agreements/{i}", TimeSpan.FromMilliseconds(10 * i), portal.Now.AddSeconds(i));
        await FlushAsync(portal);
        Count(portal, 1, "/public/v1/agreements/4", TimeSpan.FromMilliseconds(40), portal.Now.AddSeconds(4));
        await FlushAsync(portal);

        var reader = portal.Services.GetRequiredService<StatisticsReader>();
        var recent = await reader.ReadRecentAsync(portal.Operator, handle);
        Assert.Equal(["4", "3", "2", "1"], recent.Select(request => request.Path[^1..]));
        Assert.Equal(new RecentRequest(portal.Now.AddSeconds(4), "GET", "/public/v1/agreements/4", 200, TimeSpan.FromMilliseconds(40), "192.0.2.1") { ModuleId = "MD-0002", SecretId = 1, Fingerprint = created.Key!.Fingerprint }, recent[0]);
        var latency = (await reader.ReadAsync(portal.Operator, handle))!.Latency!;
        Assert.InRange(latency.P50.TotalMilliseconds, 20, 22.6);
        Assert.InRange(latency.P99.TotalMilliseconds, 40, 45.1);
        Assert.Empty(await reader.ReadRecentAsync(portal.OtherAccountActor, handle));
    }

    [Fact]
    public async Task Flush_OfClient_IsShownWithTheLastUse()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        Count(portal, 1, "/x", null, portal.Now, client: "curl/8.5.0\n" + new string('x', 5000));
        await FlushAsync(portal);
        Assert.Equal("curl/8.5.0·" + new string('x', 189) + "…", (await portal.DetailsAsync(handle)).LastUse!.Client);
    }

    [Fact]
    public async Task Flush_RefusedByTheDatabase_KeepsRequestsForTheNextTimeOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.ExecuteAsync(RefusingTrigger.On("RecentRequests"));
        Count(portal, 1, "/first", TimeSpan.FromMilliseconds(5), portal.Now);
        Assert.False(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
        var reader = portal.Services.GetRequiredService<StatisticsReader>();
        Assert.Equal(["/first"], (await reader.ReadRecentAsync(portal.Operator, handle)).Select(request => request.Path));
        await portal.ExecuteAsync(RefusingTrigger.Off);
        await FlushAsync(portal);
        Assert.Equal(["/first"], (await reader.ReadRecentAsync(portal.Operator, handle)).Select(request => request.Path));
        Assert.Equal(1, (await reader.ReadAsync(portal.Operator, handle))!.Total.Total);
    }

    /// <summary>The database is unlocked between the parts, so that a person's change gets its turn before all are written.</summary>
    [Fact]
    public async Task Flush_ThousandTokensUsedAtOnce_IsWrittenInPartsBetweenWhichATokenCanBeEdited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var edited = await portal.CreateAsync(name: "Edited meanwhile");
        await AddTokensAsync(portal, 1000);
        var ids = await TokenIdsAsync(portal);
        foreach (var id in ids)
            for (var i = 0; i < 3; i++)
                Count(portal, id, $"/public/v1/agreements/{i}", TimeSpan.FromMilliseconds(i), portal.Now.AddSeconds(i));
        // The first part is committed and the second refused. Between them, the database isn't locked.
        await portal.ExecuteAsync(RefusingTrigger.On("DailyCounts", condition: $"NEW.TokenId = {ids[^1]}"));
        Assert.False(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
        var written = await SumAsync(portal);
        Assert.InRange(written, 3L * CountWriter.TokensAtOnce, 3L * (ids.Count - 1));
        Assert.Equal(0, written % 3);
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.DisableAsync(portal.Operator, edited.Handle));

        await portal.ExecuteAsync(RefusingTrigger.Off);
        await FlushAsync(portal);
        Assert.Equal(3L * ids.Count, await SumAsync(portal));
        await using var context = await portal.OpenAsync();
        Assert.Equal(ids.Count, await context.RecentRequests.CountAsync());
        Assert.Equal(3L * ids.Count, await context.LatencyCounts.SumAsync(count => count.Count));
    }

    /// <summary>A flush of the started writer stores the latest requests of some tokens only. All are in use all the time.</summary>
    [Fact]
    public async Task Started_MoreTokensInUseThanAFlushStoresRequestsOf_EachGetsItsTurn()
    {
        await using var portal = await TestPortal.CreateAsync();
        await AddTokensAsync(portal, CountWriter.RecentAtOnce + 50);
        var ids = await TokenIdsAsync(portal);
        await using var context = await portal.OpenAsync();
        var writer = portal.Services.GetRequiredService<CountWriter>();
        await writer.StartAsync(CancellationToken.None);
        for (var round = 1; round <= 2; round++)
        {
            foreach (var id in ids)
                Count(portal, id, "/public/v1/agreements", TimeSpan.Zero, portal.Now);
            while (await context.DailyCounts.SumAsync(count => count.Count) < round * ids.Count)
                portal.Clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.Equal(ids.Count, await context.RecentRequests.CountAsync());
        await writer.StopAsync(CancellationToken.None);
    }

    /// <summary>With the real clock: the flush pauses between its parts, and takes over what is counted meanwhile. A stop ends its pause.</summary>
    [Fact]
    public async Task Started_VeryManyTokensInUse_PausesAndWritesThemAll()
    {
        await using var portal = await TestPortal.CreateAsync();
        await AddTokensAsync(portal, 2 * FlushPace.TokensWithoutPause);
        var ids = await TokenIdsAsync(portal);
        using var writer = ActivatorUtilities.CreateInstance<CountWriter>(portal.Services, new MonotonicClock(TimeProvider.System));
        foreach (var id in ids)
            Count(portal, id, "/public/v1/agreements", TimeSpan.Zero, portal.Now);
        await writer.StartAsync(CancellationToken.None);
        while (await SumAsync(portal) < FlushPace.TokensWithoutPause)
            await Task.Yield();
        foreach (var id in ids)
            Count(portal, id, "/public/v1/agreements", TimeSpan.Zero, portal.Now);
        await writer.StopAsync(CancellationToken.None);

        Assert.Equal(2 * ids.Count, await SumAsync(portal));
    }

    private static void Count(TestPortal portal, long tokenId, string path, TimeSpan? took, DateTime at, string? client = null) =>
        portal.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(tokenId, DateOnly.FromDateTime(at), "MD-0002", 200, ""), new Use(1, at + (took ?? TimeSpan.Zero), IPAddress.Parse("192.0.2.1"), "MD-0002", client),
            served: new ServedRequest("GET", path, took));

    private static async Task FlushAsync(TestPortal portal) => Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());

    private static async Task<long> SumAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.DailyCounts.SumAsync(count => count.Count);
    }

    private static async Task<List<long>> TokenIdsAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.Tokens.OrderBy(token => token.Id).Select(token => token.Id).ToListAsync();
    }

    private static async Task AddTokensAsync(TestPortal portal, int count)
    {
        await using var context = await portal.OpenAsync();
        context.Tokens.AddRange(Enumerable.Range(0, count).Select(i => new Token
        {
            AccountId = portal.Operator.AccountId, Handle = ApiKey.HandleOf(i), CreationId = Guid.CreateVersion7(), Name = $"T{i}", NameKey = $"T{i}",
            SearchText = $"T{i}", ExtensionId = "EXT-000", ExtensionName = "custom", Status = StoredStatus.Active, AllModules = true,
            CreatedAt = portal.Now, CreatedById = "x", CreatedByName = "x", UpdatedAt = portal.Now, UpdatedById = "x", UpdatedByName = "x",
        }));
        await context.SaveChangesAsync();
    }
}
