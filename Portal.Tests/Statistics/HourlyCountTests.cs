using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>Counts by the hour: how they are written, read and removed.</summary>
public sealed class HourlyCountTests
{
    [Fact]
    public async Task Flush_RequestsAroundAnHour_AreCountedForTheirHourAndCategoryAndOncePerDay()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var hour = portal.Now.Date.AddHours(portal.Now.Hour);
        Count(portal, 1, hour.AddTicks(-1), 200);
        Count(portal, 1, hour, 204);
        Count(portal, 1, hour, 304);
        Count(portal, 1, hour, 404);
        Count(portal, 1, hour, 503, "GTW_001");
        Count(portal, 1, hour, 401, CountReason.RetiredKey);
        await FlushAsync(portal);
        Count(portal, 1, hour, 200);
        await FlushAsync(portal);

        await using var context = await portal.OpenAsync();
        Assert.Equal(
            [(hour.AddHours(-1), new ResponseCounts(1, 0, 0, 0)), (hour, new ResponseCounts(2, 1, 1, 1))],
            (await context.HourlyCounts.OrderBy(count => count.Hour).ToListAsync()).Select(count => (HourlyCount.TimeOf(count.Hour), ResponseCounts.Of(count))));
        var read = (await ReadAsync(portal, handle))!;
        Assert.Equal(new ResponseCounts(3, 1, 1, 1), read.Total);
        // The hours of noon and before are in one day.
        Assert.Equal(6, (await portal.Services.GetRequiredService<StatisticsReader>().ReadAsync(portal.Viewer, handle))!.Total.Total);
    }

    [Fact]
    public async Task Read_Hours_AreThe24UntilNowOfThisTokenOnly()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (handle, other) = ((await portal.CreateAsync()).Handle, (await portal.CreateAsync(name: "Other")).Handle);
        var now = HourlyCount.HourOf(portal.Now);
        await using (var context = await portal.OpenAsync())
        {
            context.HourlyCounts.AddRange(
                Row(now, 1, 5), Row(now - 23, 1, 7), Row(now - 24, 1, 100), Row(now + 1, 1, 100), Row(now, 2, 1000));
            await context.SaveChangesAsync();
        }

        var read = (await ReadAsync(portal, handle))!;

        Assert.Equal(24, read.Hours!.Count);
        Assert.Equal((HourlyCount.TimeOf(now - 23), 7), (read.Hours[0].Hour, read.Hours[0].Responses.Success));
        Assert.Equal((HourlyCount.TimeOf(now), 5), (read.Hours[^1].Hour, read.Hours[^1].Responses.Success));
        Assert.Equal(new ResponseCounts(12, 0, 0, 0), read.Total);
        Assert.Equal(1000, (await ReadAsync(portal, other))!.Total.Success);
        Assert.Null(await portal.Services.GetRequiredService<StatisticsReader>().ReadAsync(portal.OtherAccountActor, handle, StatisticsPeriod.Hours));
    }

    [Fact]
    public async Task Prune_Hours_KeepsTwoDays()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        var now = HourlyCount.HourOf(portal.Now);
        await using (var context = await portal.OpenAsync())
        {
            context.HourlyCounts.AddRange(Row(now, 1, 1), Row(now - 47, 1, 1), Row(now - 48, 1, 1), Row(now - 500, 1, 1));
            await context.SaveChangesAsync();
        }

        // PostgreSQL keeps them until their whole day is too old.
        var kept = TestDatabase.IsPostgres ? [now - 48, now - 47, now] : new[] { now - 47, now };
        Assert.Equal(4 - kept.Length, await portal.Services.GetRequiredService<StatisticsPruner>().PruneAsync(TestContext.Current.CancellationToken));

        await using var after = await portal.OpenAsync();
        Assert.Equal(kept, await after.HourlyCounts.Select(count => count.Hour).Order().ToListAsync());
    }

    [Fact]
    public void Add_MoreKindsThanMayWait_KeepsTheDaysAndDropsTheHours()
    {
        var (batch, counters, day) = (new CountBatch { MostEntries = 1 }, new RequestCounters(), new DateOnly(2030, 1, 15));
        for (byte hour = 0; hour < 24; hour++)
        {
            counters.Count(new CountKey(1, day, "MD-0002", 200, "") { Hour = hour }, new Use(1, new DateTime(2030, 1, 15, hour, 0, 0, DateTimeKind.Utc), null, "MD-0002"));
            counters.TakeInto(batch);
        }

        Assert.Equal(2, batch.Tokens.Single().Kinds);
        Assert.Equal(24, batch.Requests);
    }

    private static HourlyCount Row(int hour, long tokenId, long success) => new() { Hour = hour, TokenId = tokenId, Success = success };

    private static void Count(TestPortal portal, long tokenId, DateTime at, int status, string reason = "")
    {
        var key = new CountKey(tokenId, DateOnly.FromDateTime(at), "MD-0002", status, reason) { Hour = (byte)at.Hour };
        if (reason == CountReason.RetiredKey)
            portal.Services.GetRequiredService<RequestCounters>().CountRetired(key);
        else
            portal.Services.GetRequiredService<RequestCounters>().Count(key, new Use(1, at, null, "MD-0002"));
    }

    private static Task<TokenStatistics?> ReadAsync(TestPortal portal, string handle) =>
        portal.Services.GetRequiredService<StatisticsReader>().ReadAsync(portal.Viewer, handle, StatisticsPeriod.Hours);

    private static async Task FlushAsync(TestPortal portal) => Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
}
