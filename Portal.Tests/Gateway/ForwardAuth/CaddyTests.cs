using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A real Caddy with the configuration that the documentation shows.</summary>
[Slow]
public sealed class CaddyTests
{
    private const string Agreements = "/public/v1/agreements";

    [Fact]
    public async Task Request_RightKey_ReachesTheApiWithTheCallerAndWithoutTheKey()
    {
        await using var run = await ProxyRun.StartCaddyAsync();
        var key = await run.Portal.CreateTokenAsync();
        var (status, _) = await run.SendRawAsync(key, Agreements + "/a%2Fb?q=%20", "X-Token-Handle: SU-000-000-000", "X-Account-Id: PA-999");
        Assert.Equal(200, status);
        var seen = Assert.Single(run.Upstream.Seen);
        Assert.Equal(Agreements + "/a%2Fb?q=%20", seen.Target);
        Assert.Equal(key.Handle, seen.Headers["X-Token-Handle"]);
        Assert.Equal(run.Portal.Administrator.AccountId, seen.Headers["X-Account-Id"]);
        Assert.DoesNotContain(key.ToHeaderValue()[^40..], seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("SU-000-000-000", seen.Text, StringComparison.Ordinal);
        Assert.Equal(["2026-11-24 MD-0002 200 - 1"], await run.Portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task Request_Refused_IsAnsweredWithThePortalsStatusAndBody()
    {
        await using var run = await ProxyRun.StartCaddyAsync();
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002");
        using (var none = await run.SendAsync(null, Agreements))
            await ErrorBody.AssertAsync(none, HttpStatusCode.Unauthorized, "AUTH_001");
        using (var module = await run.SendAsync(key, "/public/v1/billing", "POST", ("X-Forwarded-Uri", Agreements), ("X-Original-URI", Agreements)))
            await ErrorBody.AssertAsync(module, HttpStatusCode.Forbidden, "AUTH_004");
        using (var nowhere = await run.SendAsync(key, "/public/v1/nothing"))
            await ErrorBody.AssertAsync(nowhere, HttpStatusCode.NotFound, "NFND_001");
        foreach (var target in new[] { "/public/v1/agreements/../billing", "/public/v1/agreements/%2e%2e/billing", "/public/v1/agreements/..%2Fbilling" })
            Assert.True((await run.SendRawAsync(key, target)).Status is 403 or 404, target);
        var elsewhere = await run.Portal.CreateTokenAsync();
        var rules = run.Portal.Services.GetRequiredService<IpRuleService>();
        Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(run.Portal.Administrator, new NewIpRule(null, "192.0.2.7", elsewhere.Handle)));
        using (var address = await run.SendAsync(elsewhere, Agreements, "GET", ("X-Forwarded-For", "192.0.2.7"), ("X-Real-IP", "192.0.2.7")))
            Assert.Contains("the address 127.0.0.1", await ErrorBody.AssertAsync(address, HttpStatusCode.Forbidden, "AUTH_003"), StringComparison.Ordinal);
        await run.Portal.DisableAsync(key);
        using (var disabled = await run.SendAsync(key, Agreements))
            await ErrorBody.AssertAsync(disabled, HttpStatusCode.Unauthorized, "AUTH_002");
        Assert.Empty(run.Upstream.Seen);
    }
}
