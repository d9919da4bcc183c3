using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class StatisticsPrunerTests
{
    [Fact]
    public async Task Prune_AllKinds_RemovesWhatIsOlderAndKeepsTheRest()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(name: "First");
        await portal.CreateAsync(name: "Second");
        var first = DateOnly.FromDateTime(portal.Now).AddDays(-399);
        // PostgreSQL keeps counts until their whole month is too old.
        await AddAsync(portal, 1, first.AddDays(TestDatabase.IsPostgres ? -first.Day : -1));
        await AddAsync(portal, 2, first);

        Assert.Equal(4, await portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(TestContext.Current.CancellationToken));

        await using var context = await portal.OpenAsync();
        Assert.Equal(2, (await context.DailyCounts.SingleAsync()).TokenId);
        Assert.Equal(2, (await context.LatencyCounts.SingleAsync()).TokenId);
        Assert.Equal(2, (await context.SeenAddresses.SingleAsync()).TokenId);
        Assert.Equal(2, (await context.RecentRequests.SingleAsync()).TokenId);
        Assert.Equal(0, await portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Prune_MoreThanAStatementRemoves_GoesOnUntilAllIsGone()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        await using (var context = await portal.OpenAsync())
        {
            context.LatencyCounts.AddRange(Enumerable.Range(0, 2 * StatisticsPruner.RowsAtOnce + 1)
                .Select(bucket => new LatencyCount { TokenId = 1, Day = new DateOnly(2020, 1, 1), Bucket = bucket, Count = 1 }));
            await context.SaveChangesAsync();
        }

        var pruning = portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(TestContext.Current.CancellationToken);
        while (!pruning.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        // On PostgreSQL, they were removed with their partition.
        Assert.Equal(TestDatabase.IsPostgres ? 0 : 2 * StatisticsPruner.RowsAtOnce + 1, await pruning);
        await using var after = await portal.OpenAsync();
        Assert.False(await after.LatencyCounts.AnyAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Remove_MoreThanAtOnce_LeavesTheRestForAnotherTurn()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        await using var context = await portal.OpenAsync();
        context.LatencyCounts.AddRange(Enumerable.Range(0, 25).Select(bucket => new LatencyCount { TokenId = 1, Day = new DateOnly(2020, 1, 1), Bucket = bucket, Count = 1 }));
        await context.SaveChangesAsync();
        List<int> steps = [];
        for (var kind = 0; kind < RetentionStore.Kinds; kind++)
            do
                steps.Add(await RetentionStore.RemoveBeforeAsync(context, kind, new DateOnly(2021, 1, 1), 10, TestContext.Current.CancellationToken));
            while (steps[^1] == 10);
        Assert.Equal([0, 10, 10, 5, 0, 0], steps);
    }

    private static async Task AddAsync(TestPortal portal, long tokenId, DateOnly day)
    {
        await using var context = await portal.OpenAsync();
        context.DailyCounts.Add(new DailyCount { TokenId = tokenId, Day = day, ModuleId = "MD-0002", StatusCode = 200, Reason = "", Count = 5 });
        context.LatencyCounts.Add(new LatencyCount { TokenId = tokenId, Day = day, Bucket = 7, Count = 5 });
        context.SeenAddresses.Add(new SeenAddress { TokenId = tokenId, Address = UInt128.One, LastSeenOn = day });
        context.RecentRequests.Add(new RecentRequests { TokenId = tokenId, LastOn = day, Entries = RecentRequestFormat.Write([]) });
        await context.SaveChangesAsync();
    }
}
