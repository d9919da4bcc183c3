using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Gateway;

/// <summary>Long requests end when their token may no longer send them, and no others do.</summary>
public sealed class OngoingRequestTests(SlowSite site) : IClassFixture<SlowSite>
{
    private PortalHost Portal => site.Run.Portal;

    [Theory]
    [InlineData("disabled", "401", "AUTH_002", "is disabled")]
    [InlineData("deleted", "401", "AUTH_002", "was deleted")]
    [InlineData("expired", "401", "AUTH_002", "has expired")]
    [InlineData("rotated", "401", "AUTH_001", "unauthorized")]
    [InlineData("overlap", "401", "AUTH_001", "unauthorized")]
    [InlineData("ended now", "401", "AUTH_001", "unauthorized")]
    [InlineData("modules", "403", "AUTH_004", "may not use the module")]
    [InlineData("address", "403", "AUTH_003", "the address 127.0.0.1")]
    public async Task Change_ThatTheTokenMayNotGoOnAfter_EndsEveryKindOfRequest(string change, string status, string code, string words)
    {
        var key = await Portal.CreateTokenAsync(change == "expired" ? Portal.Clock.GetUtcNow().UtcDateTime.AddMinutes(5) : null, "MD-0002", "MD-0003", "MD-0004");
        if (change is "overlap" or "ended now")
            Done(await Portal.Tokens.RotateAsync(Portal.Administrator, key.Handle, null, TimeSpan.FromMinutes(5)));
        await using var other = await OpenAsync(await Portal.CreateTokenAsync());
        await using var requests = await OpenAsync(key);

        await MakeAsync(change, key);
        await EndAsync(requests.All);
        foreach (var answer in await Task.WhenAll(requests.Unanswered))
        {
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Contains(code, answer, StringComparison.Ordinal);
            Assert.Contains(words, answer, StringComparison.Ordinal);
        }

        // Requests of another token.
        Assert.DoesNotContain(other.All, request => request.IsCompleted);
        await other.EchoAsync();
        Assert.Equal([$"MD-0002 {status} {code} 4", $"MD-0003 {status} {code} 4"], await CountsAsync(key));
    }

    [Fact]
    public async Task Change_ThatTheTokenMayGoOnAfter_EndsNothing()
    {
        var key = await Portal.CreateTokenAsync(null, "MD-0002", "MD-0003");
        await using var requests = await OpenAsync(key);
        var reader = Portal.Services.GetRequiredService<TokenReader>();
        var token = (await reader.FindAsync(Portal.Administrator, key.Handle))!;
        Done(await Portal.Tokens.EditAsync(Portal.Administrator, key.Handle, new TokenEdit(token.Name + " renamed", null, "Another text", ModuleChoice.All), token.Version));
        Done(await Portal.Tokens.RotateAsync(Portal.Administrator, key.Handle, null, TimeSpan.FromHours(1)));
        var rules = Portal.Services.GetRequiredService<IpRuleService>();
        Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(Portal.Administrator, new NewIpRule(null, "127.0.0.0/8", key.Handle)));

        // Another token's request is found and ended, so a review has run.
        var disabled = await Portal.CreateTokenAsync();
        await using var ended = await OpenAsync(disabled);
        await Portal.DisableAsync(disabled);
        await EndAsync(ended.All);
        Assert.DoesNotContain(requests.All, request => request.IsCompleted);
        await requests.EchoAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("RoundRobin")]
    public async Task Upstream_TakenAway_EndsItsRequests_AndAnotherOneDoesNot(string? balancing)
    {
        string Upstream(string address) => balancing is null
            ? $$"""{"Destinations":["{{address}}"]}""" : $$"""{"Destinations":["{{address}}"],"LoadBalancing":"{{balancing}}"}""";
        using var changes = new UpstreamChanges(Upstream(site.Upstream.Address));
        await using var run = await changes.StartAsync();
        await using var requests = await LongRequests.OpenAsync(run.Portal, run.Key, "agreements");
        await changes.ApplyAsync(Upstream(site.Upstream.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)));
        await requests.EchoAsync();
        await changes.ApplyAsync("null");
        await EndAsync(requests.All, run.Portal);
        Assert.StartsWith("HTTP/1.1 503 ", await requests.Unanswered[0], StringComparison.Ordinal);
        Assert.Contains("GTW_001", await requests.Unanswered[0], StringComparison.Ordinal);
    }

    /// <summary>Reviews are so frequent that all steps of ending a request fit into a second.</summary>
    [Fact]
    public void Interval_EveryStepOfAnEnd_FitsIntoASecond() =>
        Assert.InRange(OngoingRequestMonitor.Interval * OngoingRequest.LastStep, TimeSpan.Zero, TimeSpan.FromMilliseconds(900));

    [Fact]
    public async Task Upstream_LearnsThatItsRequestEnded()
    {
        var key = await Portal.CreateTokenAsync();
        var name = Guid.CreateVersion7().ToString("N");
        var answer = LongRequests.ExchangeAsync(Portal, key, "GET", $"/public/v1/agreements/wait?{name}", "");
        await site.ArrivedAsync(name);
        await LongRequests.RegisteredAsync(Portal, key, 1);
        await Portal.DisableAsync(key);
        await EndAsync([answer, site.LeftAsync(name)]);
    }

    private async Task MakeAsync(string change, ApiKey key)
    {
        switch (change)
        {
            case "disabled":
                await Portal.DisableAsync(key);
                break;
            case "deleted":
                await Portal.DeleteAsync(key);
                break;
            case "expired" or "overlap":
                Portal.Clock.Advance(TimeSpan.FromMinutes(6));
                break;
            case "rotated":
                await Portal.RotateAsync(key);
                break;
            case "ended now":
                Done(await Portal.Tokens.EndPreviousAsync(Portal.Administrator, key.Handle));
                break;
            case "modules":
                await Portal.EditModulesAsync(key, new ModuleChoice(false, ["MD-0004"]));
                break;
            default:
                Assert.IsType<IpRuleOutcome.Done>(await Portal.Services.GetRequiredService<IpRuleService>()
                    .AddAsync(Portal.Administrator, new NewIpRule(null, "192.0.2.1", key.Handle)));
                break;
        }
    }

    private async Task<LongRequests> OpenAsync(ApiKey key) => await LongRequests.OpenAsync(Portal, key, "agreements", "billing");

    private Task EndAsync(IReadOnlyCollection<Task> requests) => EndAsync(requests, Portal);

    /// <summary>Reviews them once, as happens several times a second, and waits until all of them have ended.</summary>
    private static async Task EndAsync(IReadOnlyCollection<Task> requests, PortalHost portal)
    {
        portal.Services.GetRequiredService<OngoingRequestMonitor>().Review(CancellationToken.None);
        await Task.WhenAll(requests).WaitAsync(LongRequests.Patience);
    }

    /// <summary>Waits until Portal has completed the requests: the upstream and the client know earlier.</summary>
    private async Task<string[]> CountsAsync(ApiKey key)
    {
        string[] counts;
        do
            counts = [.. (await Portal.CountsAsync(key.Handle)).Select(count => count[(count.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
        while (counts.Sum(count => int.Parse(count.AsSpan(count.LastIndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture)) < 8);
        return counts;
    }

    private static void Done(TokenOutcome outcome) => Assert.IsType<TokenOutcome.Done>(outcome);
}
