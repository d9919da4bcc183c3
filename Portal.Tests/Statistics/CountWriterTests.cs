using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class CountWriterTests
{
    private static readonly string Refuse = RefusingTrigger.On("DailyCounts", condition: "NEW.StatusCode = 503");

    [Fact]
    public async Task Flush_CountsSinceTheLast_AddToThoseOfTheDay()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);

        Count(portal, counters, id);
        Count(portal, counters, id);
        Assert.True(await writer.FlushAsync());
        Count(portal, counters, id);
        Count(portal, counters, id, status: 404);
        Count(portal, counters, id, module: "");
        counters.CountRetired(new CountKey(id, Today(portal), "MD-0002", 401, CountReason.RetiredKey));
        Assert.True(await writer.FlushAsync());

        Assert.Equal(
            [("", 200, "", 1L), ("MD-0002", 200, "", 3L), ("MD-0002", 401, "RETIRED", 1L), ("MD-0002", 404, "", 1L)],
            (await CountsAsync(portal)).Select(count => (count.ModuleId, count.StatusCode, count.Reason, count.Count)));
    }

    [Fact]
    public async Task Flush_Uses_MarkTokenSecretAndModuleWithTheLatest()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync(days: 10);
        await portal.Tokens.RenewAsync(portal.Operator, token.Handle, portal.Now.AddDays(100));
        var (counters, writer) = Parts(portal);

        Count(portal, counters, 1, secret: 2, module: "MD-0002", at: portal.Now.AddSeconds(3), address: "2001:db8::1");
        Count(portal, counters, 1, secret: 1, module: "MD-0003", at: portal.Now.AddSeconds(4), address: "::ffff:192.0.2.7");
        Count(portal, counters, 1, secret: 1, module: "MD-0002", at: portal.Now.AddSeconds(1), address: "192.0.2.1");
        Count(portal, counters, 1, secret: 2, module: "", at: portal.Now.AddSeconds(2), address: null);
        await writer.FlushAsync();

        var details = await portal.DetailsAsync(token.Handle);
        Assert.Equal(new Portal.Tokens.Reading.LastUse(portal.Now.AddSeconds(4), "192.0.2.7", "Billing"), details.LastUse);
        Assert.Equal([portal.Now.AddSeconds(3), portal.Now.AddSeconds(4)], details.LiveSecrets.Select(secret => secret.LastUsedAt!.Value));
        Assert.Equal(
            [("MD-0002", portal.Now.AddSeconds(3)), ("MD-0003", portal.Now.AddSeconds(4))],
            details.Permissions.Where(module => module.LastUsedAt is not null).Select(module => (module.ModuleId, module.LastUsedAt!.Value)));
        await using var context = await portal.OpenAsync();
        Assert.Equal(2, await context.ModuleUses.CountAsync());
    }

    [Fact]
    public async Task Flush_Use_LeavesTheVersionOfTheTokenAlone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.CreateAsync();
        var before = (await portal.DetailsAsync(token.Handle)).Version;
        var (counters, writer) = Parts(portal);

        Count(portal, counters, 1);
        await writer.FlushAsync();

        Assert.Equal(before, (await portal.DetailsAsync(token.Handle)).Version);
    }

    [Fact]
    public async Task Flush_DatabaseRefuses_WritesNothingKeepsAllAndTriesAgain()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);
        await portal.ExecuteAsync(Refuse);

        Count(portal, counters, id, status: 200);
        Count(portal, counters, id, status: 503);
        Assert.False(await writer.FlushAsync());
        Assert.Empty(await CountsAsync(portal));
        Count(portal, counters, id, status: 200);
        Assert.False(await writer.FlushAsync());
        Assert.Empty(await CountsAsync(portal));

        await portal.ExecuteAsync(RefusingTrigger.Off);
        Assert.True(await writer.FlushAsync());
        Assert.Equal([(200, 2L), (503, 1L)], (await CountsAsync(portal)).Select(count => (count.StatusCode, count.Count)));
        Assert.True(await writer.FlushAsync());
        Assert.Equal(3, (await CountsAsync(portal)).Sum(count => count.Count));
    }

    [Fact]
    public async Task Flush_CountOfATokenThatDoesNotExist_DoesNotHoldUpTheOthers()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);

        Count(portal, counters, id);
        Count(portal, counters, tokenId: 999);
        Assert.False(await writer.FlushAsync());
        Assert.True(await writer.FlushAsync());

        Assert.Equal([(id, 1L)], (await CountsAsync(portal)).Select(count => (count.TokenId, count.Count)));
        Assert.True(await writer.FlushAsync());
    }

    [Fact]
    public async Task Flush_WhileManyCount_LosesNone()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);

        var counting = Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
                Count(portal, counters, id, status: 200 + worker);
        })).ToArray();
        while (!counting.All(task => task.IsCompleted))
            await writer.FlushAsync();
        await writer.FlushAsync();

        Assert.Equal(Enumerable.Repeat(5_000L, 4), (await CountsAsync(portal)).Select(count => count.Count));
    }

    [Fact]
    public async Task Started_WithinAQuarterOfASecond_Writes()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);
        await writer.StartAsync(CancellationToken.None);

        Count(portal, counters, id);
        var deadline = TimeProvider.System.GetTimestamp();
        while ((await CountsAsync(portal)).Count == 0 && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10))
            portal.Clock.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Single(await CountsAsync(portal));
        await writer.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(100, true, 0)]
    [InlineData(1_000, true, 2_000)]
    [InlineData(70_000, true, 5_000)]
    [InlineData(30_000, false, 0)]
    public void Rest_AfterAFlush_IsTwiceAsLongButShortAndNoneIfItWasRefused(int took, bool written, int rest) =>
        Assert.Equal(TimeSpan.FromMilliseconds(rest), CountWriter.RestAfter(TimeSpan.FromMilliseconds(took), written));

    [Fact]
    public async Task Stop_WithCountsLeftAndNoTimeLeft_WritesThem()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);
        await writer.StartAsync(CancellationToken.None);
        Count(portal, counters, id);

        // If slow requests use up the host's shutdown timeout, it stops the other services with a canceled token.
        await writer.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(1, (await CountsAsync(portal)).Single().Count);
    }

    /// <summary>SQLite answers at once, so the clock advances only between attempts.</summary>
    [SqliteOnly]
    [Fact]
    public async Task Stop_DatabaseRefusesForAMoment_WaitsAndWrites()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);
        await portal.ExecuteAsync(Refuse);
        Count(portal, counters, id, status: 503);

        var stopping = writer.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        await portal.ExecuteAsync(RefusingTrigger.Off);
        await AdvanceUntilAsync(portal, stopping);

        Assert.Equal(1, (await CountsAsync(portal)).Single().Count);
    }

    [Fact]
    public async Task Stop_DatabaseRefusesForGood_GivesUpAndEnds()
    {
        await using var portal = await TestPortal.CreateAsync();
        var id = await TokenIdAsync(portal);
        var (counters, writer) = Parts(portal);
        await portal.ExecuteAsync(Refuse);
        Count(portal, counters, id, status: 503);

        await AdvanceUntilAsync(portal, writer.StopAsync(CancellationToken.None));

        Assert.Empty(await CountsAsync(portal));
    }

    private static async Task AdvanceUntilAsync(TestPortal portal, Task task)
    {
        while (!task.IsCompleted)
        {
            portal.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        await task;
    }

    private static (RequestCounters Counters, CountWriter Writer) Parts(TestPortal portal) =>
        (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());

    private static void Count(
        TestPortal portal, RequestCounters counters, long tokenId, int status = 200, string module = "MD-0002", long secret = 1, DateTime? at = null,
        string? address = "192.0.2.1") =>
        counters.Count(
            new CountKey(tokenId, Today(portal), module, status, ""), new Use(secret, at ?? portal.Now, address is null ? null : IPAddress.Parse(address), module));

    private static DateOnly Today(TestPortal portal) => DateOnly.FromDateTime(portal.Now);

    private static async Task<long> TokenIdAsync(TestPortal portal)
    {
        var handle = (await portal.CreateAsync()).Handle;
        await using var context = await portal.OpenAsync();
        return await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
    }

    private static async Task<List<DailyCount>> CountsAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.DailyCounts.AsNoTracking().OrderBy(count => count.ModuleId).ThenBy(count => count.StatusCode).ToListAsync();
    }
}
