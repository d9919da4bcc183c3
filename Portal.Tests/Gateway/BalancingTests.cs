using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary>Several destinations, and destinations with health checks.</summary>
public sealed class BalancingTests
{
    private const string First = GatewayRun.Agreements + "Destinations:0", Second = GatewayRun.Agreements + "Destinations:1";
    private const string Policy = GatewayRun.Agreements + "LoadBalancing";
    private const string Active = GatewayRun.Agreements + "HealthChecks:Active:", Passive = GatewayRun.Agreements + "HealthChecks:Passive:";

    [Theory]
    [InlineData("RoundRobin", 5, 5)]
    [InlineData("FirstAlphabetical", 10, 0)]
    [InlineData("LeastRequests", null, null)]
    [InlineData("PowerOfTwoChoices", null, null)]
    [InlineData("Random", null, null)]
    [InlineData("", null, null)]
    public async Task Policy_Any_SharesOut(string policy, int? first, int? second)
    {
        await using var one = await TestUpstream.StartAsync();
        await using var two = await TestUpstream.StartAsync();
        (string, string)[] settings = [(First, one.Address), (Second, two.Address)];
        await using var run = await GatewayRun.StartAsync(null, policy.Length == 0 ? settings : [.. settings, (Policy, policy)]);
        for (var i = 0; i < 10; i++)
        {
            var (status, _) = await run.SendRawAsync("/public/v1/agreements/a%2Fb");
            Assert.Equal(200, status);
        }

        Assert.Equal(10, one.Seen.Count + two.Seen.Count);
        if (first is not null)
            Assert.Equal((first, second), (one.Seen.Count, two.Seen.Count));
        Assert.All([.. one.Seen, .. two.Seen], seen => Assert.Equal(
            ("/agreements/a%2Fb", run.Key.Handle, "127.0.0.1"), (seen.Target, seen.Headers["X-Token-Handle"], seen.Headers["X-Forwarded-For"])));
        Assert.Equal(["MD-0002 200 - 10"], await run.CountsAsync());
    }

    [Fact]
    public async Task ActiveCheck_FailingDestination_IsLeftOutUntilItIsWell()
    {
        var well = false;
        await using var one = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/base/health" && !Volatile.Read(ref well) ? 500 : 200;
            return Task.CompletedTask;
        });
        await using var two = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(
            null, (First, one.Address + "/base"), (Second, two.Address), (Policy, "FirstAlphabetical"), (Active + "Path", "/health"), (Active + "Failures", "1"));
        bool Asked(TestUpstream upstream) => upstream.Seen.Any(seen => seen.Target.EndsWith("/agreements", StringComparison.Ordinal));

        await UntilAsync(run, Asked, two);
        var before = one.Seen.Count(seen => seen.Target == "/base/agreements");
        (await run.GetAsync("/agreements")).EnsureSuccessStatusCode().Dispose();
        Assert.Equal(before, one.Seen.Count(seen => seen.Target == "/base/agreements"));

        Volatile.Write(ref well, true);
        await UntilAsync(run, upstream => upstream.Seen.Count(seen => seen.Target == "/base/agreements") > before, one);
    }

    [Fact]
    public async Task ActiveCheck_NobodyWell_IsOutOfOrder()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health" ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address, (Active + "Path", "/health"), (Active + "Failures", "1"));
        using var refused = await UntilRefusedAsync(run, HttpStatusCode.ServiceUnavailable);
        var error = await ErrorBody.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "GTW_004");
        Assert.StartsWith("The service behind the module Agreements (MD-0002) is temporarily unavailable", error, StringComparison.Ordinal);
        Assert.Contains("MD-0002 503 GTW_004 1", await run.CountsAsync());
    }

    [Fact]
    public async Task PassiveCheck_DestinationThatFails_IsLeftOutForAWhile()
    {
        var upstream = await TestUpstream.StartAsync();
        var address = upstream.Address;
        await upstream.DisposeAsync();
        await using var run = await GatewayRun.StartAsync(address, (Passive + "FailureRate", "0.5"), (Passive + "ReactivateAfter", "00:00:30"));
        // Health is evaluated in the background: a few more requests may reach it after the tenth.
        using var refused = await UntilRefusedAsync(run, HttpStatusCode.ServiceUnavailable);
        await ErrorBody.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "GTW_004");
        var counts = await run.CountsAsync();
        Assert.Equal(2, counts.Length);
        Assert.StartsWith("MD-0002 502 GTW_002 ", counts[0], StringComparison.Ordinal);
        Assert.Equal("MD-0002 503 GTW_004 1", counts[^1]);

        await using var again = await TestUpstream.StartAsync(address: address);
        run.Portal.Clock.Advance(TimeSpan.FromSeconds(30));
        (await run.GetAsync("/agreements")).EnsureSuccessStatusCode().Dispose();
    }

    /// <summary>Sends requests and advances the clock for health checks until the upstream is in the wanted state.</summary>
    private static async Task UntilAsync(GatewayRun run, Func<TestUpstream, bool> isAsWanted, TestUpstream upstream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isAsWanted(upstream))
        {
            patience.Token.ThrowIfCancellationRequested();
            run.Portal.Clock.Advance(TimeSpan.FromSeconds(10));
            (await run.GetAsync("/agreements")).EnsureSuccessStatusCode().Dispose();
        }
    }

    private static async Task<HttpResponseMessage> UntilRefusedAsync(GatewayRun run, HttpStatusCode status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var response = await run.GetAsync("/agreements");
            if (response.StatusCode == status)
                return response;
            response.Dispose();
        }
    }
}
