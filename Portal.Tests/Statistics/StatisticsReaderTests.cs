using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class StatisticsReaderTests
{
    [Fact]
    public async Task Read_ThirtyDays_SumsByDayCategoryModuleAndReason()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await AddAsync(
            portal, (0, "MD-0002", 200, "", 10), (0, "MD-0002", 204, "", 1), (0, "MD-0002", 304, "", 2), (0, "MD-0003", 403, "AUTH_004", 3),
            (-29, "", 404, "NFND_001", 4), (-29, "MD-0002", 503, "GTW_001", 5), (-30, "MD-0002", 200, "", 1000), (1, "MD-0002", 200, "", 1000),
            (0, "MD-0002", 401, CountReason.RetiredKey, 7));

        var read = (await Reader(portal).ReadAsync(portal.Viewer, handle))!;

        Assert.Equal(StatisticsReader.Days, read.Days.Count);
        Assert.Equal((DateOnly.FromDateTime(portal.Now).AddDays(-29), DateOnly.FromDateTime(portal.Now)), (read.Days[0].Day, read.Days[^1].Day));
        Assert.Equal(new ResponseCounts(0, 0, 4, 5), read.Days[0].Responses);
        Assert.Equal(new ResponseCounts(11, 2, 3, 0), read.Days[^1].Responses);
        Assert.All(read.Days.Skip(1).SkipLast(1), day => Assert.Equal(0, day.Responses.Total));
        Assert.Equal(new ResponseCounts(11, 2, 7, 5), read.Total);
        Assert.Equal([("MD-0002", 18L), ("", 4L), ("MD-0003", 3L)], read.Modules.Select(module => (module.ModuleId, module.Responses.Total)));
        Assert.Equal(
            [(CountReason.RetiredKey, 7L), ("GTW_001", 5L), ("NFND_001", 4L), ("AUTH_004", 3L)], read.Refusals.Select(reason => (reason.Reason, reason.Count)));
        Assert.Equal(16, await Reader(portal).CountTodayAsync(portal.Viewer, handle));
    }

    [Fact]
    public async Task Read_NoTraffic_IsEmptyWithEveryDay()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;

        var read = (await Reader(portal).ReadAsync(portal.Viewer, handle))!;

        Assert.True(read.IsEmpty);
        Assert.Equal(StatisticsReader.Days, read.Days.Count);
    }

    [Theory]
    [InlineData(400, null, null, 30)]
    [InlineData(400, null, "7", 7)]
    [InlineData(400, null, "90", 90)]
    [InlineData(400, null, "31", 30)]
    [InlineData(400, "24", null, 24)]
    [InlineData(400, "24", "7", 24)]
    [InlineData(400, "25", null, 30)]
    [InlineData(90, null, "90", 90)]
    [InlineData(89, null, "90", 30)]
    public async Task FindPeriod_IsThatOfTheAddressIfItIsKept(int retention, string? hours, string? days, int length)
    {
        await using var portal = await TestPortal.CreateAsync(services: services => services.Configure<StatisticsOptions>(options => typeof(StatisticsOptions).GetProperty(nameof(StatisticsOptions.RetentionDays))!.SetValue(options, retention)));

        var period = Reader(portal).FindPeriod(hours, days);

        Assert.Equal((length, length == 24), (period.Length, period.IsHours));
        Assert.Equal(retention >= 90 ? [24, 7, 30, 90] : [24, 7, 30], Reader(portal).Periods.Select(kept => kept.Length));
    }

    [Fact]
    public async Task Read_NinetyDays_IncludesEarlierOnes()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await AddAsync(portal, (-89, "MD-0002", 200, "", 10), (-90, "MD-0002", 200, "", 100), (0, "MD-0002", 200, "", 1));

        var read = (await Reader(portal).ReadAsync(portal.Viewer, handle, Reader(portal).FindPeriod(null, "90")))!;

        Assert.Equal((90, 11), (read.Days.Count, read.Total.Total));
        Assert.Equal(1, (await Reader(portal).ReadAsync(portal.Viewer, handle, Reader(portal).FindPeriod(null, "7")))!.Total.Total);
    }

    [Fact]
    public async Task ReadMark_ChangesWithEveryRequestAndHour()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var marks = new HashSet<StatisticsMark> { await Reader(portal).ReadMarkAsync(portal.Viewer, handle) };
        Assert.False(marks.Add(await Reader(portal).ReadMarkAsync(portal.Viewer, handle)));

        await AddAsync(portal, (0, "MD-0002", 200, "", 1));
        Assert.True(marks.Add(await Reader(portal).ReadMarkAsync(portal.Viewer, handle)));
        await AddAsync(portal, (-1, "MD-0002", 401, CountReason.RetiredKey, 1));
        Assert.True(marks.Add(await Reader(portal).ReadMarkAsync(portal.Viewer, handle)));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(marks.Add(await Reader(portal).ReadMarkAsync(portal.Viewer, handle)));
        Assert.Equal(0, (await Reader(portal).ReadMarkAsync(portal.OtherAccountActor, handle)).Requests);
    }

    [Fact]
    public async Task Read_AnotherAccount_IsNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await AddAsync(portal, (0, "MD-0002", 200, "", 10));

        Assert.Null(await Reader(portal).ReadAsync(portal.OtherAccountActor, handle));
        Assert.Equal(0, await Reader(portal).CountTodayAsync(portal.OtherAccountActor, handle));
        await AddAsync(portal, (0, "MD-0002", 401, CountReason.RetiredKey, 7), (0, "MD-0002", 403, "AUTH_004", 3));
        Assert.Equal(default, await Reader(portal).CountRefusedAsync(portal.OtherAccountActor, handle));
        Assert.Empty(await Reader(portal).CountTodayOfEachAsync(portal.OtherAccountActor, [handle]));
    }

    [Fact]
    public async Task CountRefused_ValidKeysTodayAndRetiredKeysInSevenDays_AreCountedApart()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await AddAsync(
            portal, (0, "MD-0002", 200, "", 100), (0, "MD-0002", 403, "AUTH_004", 3), (0, "", 404, "NFND_001", 2), (-1, "MD-0002", 403, "AUTH_004", 50),
            (0, "MD-0002", 401, CountReason.RetiredKey, 7), (-6, "MD-0002", 401, CountReason.RetiredKey, 10), (-7, "MD-0002", 401, CountReason.RetiredKey, 1000));

        Assert.Equal(new RefusedCounts(Today: 5, WithRetiredKey: 17), await Reader(portal).CountRefusedAsync(portal.Viewer, handle));
    }

    [Fact]
    public async Task CountTodayOfEach_SomeWithTraffic_AreCountedAsOneByOne()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (used, idle, other) = ((await portal.CreateAsync()).Handle, (await portal.CreateAsync(name: "Idle")).Handle, (await portal.CreateAsync(name: "Other")).Handle);
        await AddAsync(portal, (0, "MD-0002", 200, "", 10), (0, "MD-0003", 403, "AUTH_004", 3), (-1, "MD-0002", 200, "", 100), (0, "MD-0002", 401, CountReason.RetiredKey, 7));

        var counts = await Reader(portal).CountTodayOfEachAsync(portal.Viewer, [used, idle, "SU-000-000-000"]);

        Assert.Equal(new Dictionary<string, long> { [used] = 13 }, counts);
        Assert.Equal(13, await Reader(portal).CountTodayAsync(portal.Viewer, used));
        Assert.Empty(await Reader(portal).CountTodayOfEachAsync(portal.Viewer, [other]));
        Assert.Empty(await Reader(portal).CountTodayOfEachAsync(portal.Viewer, []));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(10, 0, 0, 10)]
    [InlineData(10, 31, 0, 21)]
    [InlineData(0, 31, 0, 31)]
    [InlineData(50, 10, 0, 50)]
    [InlineData(0, 0, 1_000, 0)]
    public async Task CountPerDay_IsTheAverageOfTheDaysWithRequestsAndAtLeastToday(long today, long yesterday, long weekAgo, long expected)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        foreach (var (day, count) in new[] { (0, today), (-1, yesterday), (-StatisticsReader.DaysOfUse, weekAgo) }.Where(entry => entry.Item2 > 0))
            await AddAsync(portal, (day, "MD-0002", 200, "", count), (day, "MD-0002", 401, CountReason.RetiredKey, 500));

        Assert.Equal(expected, await Reader(portal).CountPerDayAsync(portal.Viewer, handle));
        Assert.Equal(0, await Reader(portal).CountPerDayAsync(portal.OtherAccountActor, handle));
    }

    private static StatisticsReader Reader(TestPortal portal) => portal.Services.GetRequiredService<StatisticsReader>();

    private static async Task AddAsync(TestPortal portal, params (int Day, string Module, int Status, string Reason, long Count)[] counts)
    {
        await using var context = await portal.OpenAsync();
        context.DailyCounts.AddRange(counts.Select(count => new DailyCount
        {
            TokenId = 1, Day = DateOnly.FromDateTime(portal.Now).AddDays(count.Day), ModuleId = count.Module, StatusCode = count.Status,
            Reason = count.Reason, Count = count.Count,
        }));
        await context.SaveChangesAsync();
    }
}
