using System.Net;
using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens.Create;
using Portal.Wire;

namespace Portal.Tests.Tokens.Create;

/// <summary>The summary watches for the first request with the new token.</summary>
public sealed class FirstRequestTests : PageTestContext
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Wait_NoRequest_SaysThatItWaits()
    {
        var (shown, _) = await OpenAsync();

        Server.Clock.Advance(Limit);

        Assert.StartsWith("Waiting for the first request.", shown.Find(".first-request").Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_Served_IsShownInGreenWithinThreeSeconds()
    {
        var (shown, handle) = await OpenAsync();
        await RequestAsync(handle, 200);

        Server.Clock.Advance(Limit);

        shown.WaitForAssertion(() => Assert.StartsWith("First request received: 200 on Billing, from 203.0.113.7, ", shown.Find(".first-request.ok").Words(), StringComparison.Ordinal));
        Assert.Equal("relative", shown.Find("local-time").GetAttribute("format"));
    }

    [Fact]
    public async Task Request_Refused_SaysWhyAndKeepsWaiting()
    {
        var (shown, handle) = await OpenAsync();
        await RequestAsync(handle, 403, ErrorCodes.ModuleNotEnabled);

        Server.Clock.Advance(Limit);

        shown.WaitForAssertion(() => Assert.StartsWith("First request failed: 403 on Billing, from 203.0.113.7, ", shown.Find(".first-request.warn").Words(), StringComparison.Ordinal));
        Assert.EndsWith("Waiting for a request that succeeds.", shown.Find(".first-request").Words(), StringComparison.Ordinal);

        await RequestAsync(handle, 200);
        Server.Clock.Advance(Limit);
        shown.WaitForAssertion(() => Assert.NotNull(shown.Find(".first-request.ok")));
    }

    [Fact]
    public async Task Leave_Always_StopsReading()
    {
        var (shown, handle) = await OpenAsync();
        shown.Instance.Dispose();
        await RequestAsync(handle, 200);

        Server.Clock.Advance(Limit);

        Assert.Empty(shown.FindAll(".ok"));
    }

    private async Task<(IRenderedComponent<FirstRequest> Shown, string Handle)> OpenAsync()
    {
        var handle = (await Server.CreateAsync()).Handle;
        SignIn(Role.Operator);
        return (Render<FirstRequest>(it => it.Add(first => first.Actor, Server.Operator).Add(first => first.Handle, handle)), handle);
    }

    private async Task RequestAsync(string handle, int status, string reason = "")
    {
        await using var context = await Server.OpenAsync();
        var id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
        var address = IPAddress.Parse("203.0.113.7");
        Server.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(id, DateOnly.FromDateTime(Server.Now), TestTokens.Billing, status, reason), new Use(1, Server.Now, address, TestTokens.Billing),
            served: new ServedRequest("GET", "/billing", TimeSpan.FromMilliseconds(3)));
        Assert.True(await Server.Services.GetRequiredService<CountWriter>().FlushAsync());
    }
}
