using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class ActivityReaderTests
{
    [Fact]
    public async Task Read_SeveralTokens_CountsEachDayWithoutRetiredKeys()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (busy, quiet) = ((await portal.CreateAsync(name: "Busy")).Handle, (await portal.CreateAsync(name: "Quiet")).Handle);
        await using (var context = await portal.OpenAsync())
        {
            var id = context.Tokens.Single(token => token.Handle == busy).Id;
            var today = DateOnly.FromDateTime(portal.Now);
            foreach (var (days, module, reason, count) in new[] { (0, "MD-0002", "", 3), (0, "MD-0003", "", 4), (0, "MD-0002", CountReason.RetiredKey, 9), (-13, "MD-0002", "", 1), (-14, "MD-0002", "", 50) })
                context.DailyCounts.Add(new DailyCount { TokenId = id, Day = today.AddDays(days), ModuleId = module, StatusCode = 200, Reason = reason, Count = count });
            await context.SaveChangesAsync();
        }

        var read = await Reader(portal).ReadAsync(portal.Viewer, [busy, quiet]);

        Assert.Equal([busy], read.Keys);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7], read[busy]);
        Assert.Empty(await Reader(portal).ReadAsync(portal.OtherAccountActor, [busy]));
        Assert.Empty(await Reader(portal).ReadAsync(portal.Viewer, []));
    }

    private static ActivityReader Reader(TestPortal portal) => portal.Services.GetRequiredService<ActivityReader>();
}
