using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>An upstream stops under load and returns: clients get an error meanwhile, and are served again without a restart of Portal.</summary>
public sealed class UpstreamRestartTests
{
    [Fact]
    public async Task Upstream_KilledAndRestartedUnderLoad_IsBadGatewayMeanwhileAndEveryAnswerCounted()
    {
        var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        await using var callers = new Callers(run.Portal.Address.ToString(), run.Key.ToHeaderValue(), count: 8);
        callers.Start();
        for (var round = 0; round < 3; round++)
        {
            await callers.ReceivedAsync(100);
            await upstream.DisposeAsync();
            await callers.ReceivedAsync(20, HttpStatusCode.BadGateway);
            upstream = await TestUpstream.StartAsync(address: upstream.Address);
        }

        await callers.ReceivedAsync(100);
        await callers.StopAsync();
        await upstream.DisposeAsync();

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadGateway], callers.Answers.Keys.Order());
        Assert.Equal(callers.Sent, callers.Answers.Values.Sum());
        Assert.Equal(
            [$"MD-0002 200 - {callers.Answers[HttpStatusCode.OK]}", $"MD-0002 502 GTW_002 {callers.Answers[HttpStatusCode.BadGateway]}"],
            await run.CountsAsync());
    }
}
