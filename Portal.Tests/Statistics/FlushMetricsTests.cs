using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class FlushMetricsTests
{
    [Fact]
    public async Task Counts_WaitingRefusedAndWritten_ShowAsQueueLagAndFailing()
    {
        await using var portal = await TestPortal.CreateAsync();
        using var metrics = new MetricRecorder(portal.Services);
        var (counters, writer) = (portal.Services.GetRequiredService<RequestCounters>(), portal.Services.GetRequiredService<CountWriter>());
        var handle = (await portal.CreateAsync()).Handle;
        await using var context = await portal.OpenAsync();
        var id = context.Tokens.Single(token => token.Handle == handle).Id;
        void Count() => counters.CountRetired(new CountKey(id, DateOnly.FromDateTime(portal.Now), "", 200, ""));

        Assert.True(await writer.FlushAsync());
        AssertGauges(metrics, queue: 0, lag: 0, failing: 0);
        portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Count();
        Count();
        AssertGauges(metrics, queue: 2, lag: 1, failing: 0);

        await portal.ExecuteAsync("ALTER TABLE DailyCounts RENAME TO Away");
        Assert.False(await writer.FlushAsync());
        Count();
        portal.Clock.Advance(TimeSpan.FromSeconds(2));
        AssertGauges(metrics, queue: 3, lag: 3, failing: 1);

        await portal.ExecuteAsync("ALTER TABLE Away RENAME TO DailyCounts");
        Assert.True(await writer.FlushAsync());
        AssertGauges(metrics, queue: 0, lag: 0, failing: 0);
        Count();
        AssertGauges(metrics, queue: 1, lag: 0, failing: 0);
        Assert.Equal(
            ["portal.statistics.flush.duration refused 0", "portal.statistics.flush.duration written 0"], metrics.Read("portal.statistics.flush"));
    }

    private static void AssertGauges(MetricRecorder metrics, int queue, int lag, int failing) => Assert.Equal(
        [$"portal.statistics.failing {failing}", $"portal.statistics.lag {lag}", $"portal.statistics.queue {queue}"],
        metrics.Read("portal.statistics").Where(line => !line.Contains("flush", StringComparison.Ordinal)));
}
