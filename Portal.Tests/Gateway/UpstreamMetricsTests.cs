using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

public sealed class UpstreamMetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // through the proxy's pipeline
    public async Task Upstream_ThatAnswersAndFails_IsMeasuredUntilItsAnswerBegins(bool balanced)
    {
        GatewayRun? run = null;
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            run!.Portal.Clock.Advance(TimeSpan.FromSeconds(3));
            if (context.Request.Path.Value!.EndsWith("broken", StringComparison.Ordinal))
            {
                context.Abort();
                return;
            }

        });
        await using var _ = run = await GatewayRun.StartAsync(
            upstream.Address, balanced ? [(GatewayRun.Agreements + "LoadBalancing", "RoundRobin")] : []);
        using var metrics = new MetricRecorder(run.Portal.Services);
        for (var i = 0; i < 2; i++)
            (await run.GetAsync("/agreements")).Dispose();
        (await run.GetAsync("/agreements/broken")).Dispose();
        await run.CountsAsync();
        Assert.Equal(
            [
                "portal.upstream.duration MD-0002 answered 6", "portal.upstream.duration MD-0002 failed 3",
                "portal.upstream.failures MD-0002 GTW_002 1",
            ],
            metrics.Read("portal.upstream"));
    }
}
