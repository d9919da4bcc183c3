using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A real nginx with the configuration that the documentation shows.</summary>
[Slow]
public sealed class NginxTests
{
    private const string Agreements = "/public/v1/agreements";

    [Fact]
    public async Task Request_RightKey_ReachesTheApiWithTheCallerAndWithoutTheKey()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        var key = await run.Portal.CreateTokenAsync();
        var token = (await run.Portal.Services.GetRequiredService<TokenReader>().FindAsync(run.Portal.Administrator, key.Handle))!;
        var (status, _) = await run.SendRawAsync(
            key, Agreements + "/a%2Fb/%41?q=%20&x=..", "X-Token-Handle: SU-000-000-000", "X-Token-Name: Mallory", "X-Account-Id: PA-999", "x_token_handle: SU-000-000-000");
        Assert.Equal(200, status);

        var seen = Assert.Single(run.Upstream.Seen);
        Assert.Equal(Agreements + "/a%2Fb/%41?q=%20&x=..", seen.Target);
        Assert.Equal(key.Handle, seen.Headers["X-Token-Handle"]);
        Assert.Equal(Uri.EscapeDataString(token.Name), seen.Headers["X-Token-Name"]);
        Assert.Equal(run.Portal.Administrator.AccountId, seen.Headers["X-Account-Id"]);
        Assert.DoesNotContain(key.ToHeaderValue()[^40..], seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("SU-000-000-000", seen.Text, StringComparison.Ordinal);
        Assert.Equal(["2026-11-24 MD-0002 200 - 1"], await run.Portal.CountsAsync(key.Handle));
    }

    [Fact]
    public async Task Request_WithABody_ReachesTheApiWhole()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        run.Upstream.Answer = context => context.Request.Body.CopyToAsync(context.Response.Body);
        using var request = new HttpRequestMessage(HttpMethod.Put, Agreements) { Content = new StringContent(new string('x', 100_000)) };
        request.Headers.TryAddWithoutValidation("Authorization", (await run.Portal.CreateTokenAsync()).ToHeaderValue());
        using var response = await run.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(100_000, (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
        Assert.Equal("PUT", Assert.Single(run.Upstream.Seen).Method);
    }

    /// <summary>Clients get the same responses as from Portal itself.</summary>
    [Fact]
    public async Task Request_Refused_IsAnsweredWithThePortalsStatusAndBody()
    {
        await using var run = await ProxyRun.StartNginxAsync(null, ("Tokens:RateLimit", "1 per day"));
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002");
        using (var none = await run.SendAsync(null, Agreements))
            await ErrorBody.AssertAsync(none, HttpStatusCode.Unauthorized, "AUTH_001");
        using (var module = await run.SendAsync(key, "/public/v1/billing"))
            Assert.Contains("Billing", await ErrorBody.AssertAsync(module, HttpStatusCode.Forbidden, "AUTH_004"), StringComparison.Ordinal);
        using (var nowhere = await run.SendAsync(key, "/public/v1/caf%C3%A9\"$x"))
            Assert.Equal("There is nothing at /public/v1/caf%C3%A9%22$x. Check the address.", await ErrorBody.AssertAsync(nowhere, HttpStatusCode.NotFound, "NFND_001"));
        using (var often = await run.SendAsync(key, Agreements))
        {
            await ErrorBody.AssertAsync(often, HttpStatusCode.TooManyRequests, "RATE_001");
            Assert.NotNull(often.Headers.RetryAfter);
            Assert.Equal("no-store", often.Headers.CacheControl!.ToString());
        }

        var rules = run.Portal.Services.GetRequiredService<IpRuleService>();
        Assert.IsType<IpRuleOutcome.Done>(await rules.AddAsync(run.Portal.Administrator, new NewIpRule(null, "192.0.2.7", key.Handle)));
        using (var address = await run.SendAsync(key, Agreements, "GET", ("X-Real-IP", "192.0.2.7"), ("X-Forwarded-For", "192.0.2.7")))
            Assert.Contains("the address 127.0.0.1", await ErrorBody.AssertAsync(address, HttpStatusCode.Forbidden, "AUTH_003"), StringComparison.Ordinal);
        await run.Portal.DisableAsync(key);
        using (var disabled = await run.SendAsync(key, Agreements))
            await ErrorBody.AssertAsync(disabled, HttpStatusCode.Unauthorized, "AUTH_002");
        Assert.Empty(run.Upstream.Seen);
    }

    /// <summary>nginx passes on the client's user agent byte by byte to Portal, and all headers to the API.</summary>
    [Fact]
    public async Task Request_HeadersBeyondAscii_PassUnchanged()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        var key = await run.Portal.CreateTokenAsync();
        var answer = await RawHttp.ExchangeAsync(run.Proxy.Address, string.Join("\r\n",
            $"GET {Agreements} HTTP/1.1", "Host: api.example.com", "Connection: close", $"Authorization: {key.ToHeaderValue()}", "User-Agent: caf\u00e9", "", ""));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("caf\u00e9", Assert.Single(run.Upstream.Seen).Headers["User-Agent"]);
    }

    [Fact]
    public async Task Request_ThatWouldLeaveItsModule_DoesNotReachTheApi()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002");
        string[] targets =
        [
            "/public/v1/agreements/../billing", "/public/v1/agreements/%2e%2e/billing", "/public/v1/agreements/..%2Fbilling", "/x/../public/v1/billing",
            "/public/v1/agreements/..;/billing", "/public/v1//billing", "/public/v1/agreements#/../billing", "//public/v1/agreements", "/public/v1/%2562illing",
        ];
        foreach (var target in targets)
        {
            var (status, _) = await run.SendRawAsync(key, target, $"X-Original-URI: {Agreements}", $"X-Forwarded-Uri: {Agreements}");
            Assert.True(status is 403 or 404, $"{target} is answered {status}.");
        }

        Assert.Empty(run.Upstream.Seen);
    }

    [Fact]
    public async Task Question_AskedByAClient_IsNotAnswered()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        using var response = await run.SendAsync(await run.Portal.CreateTokenAsync(), "/_portal");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Portal_Away_NothingPasses()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        var key = await run.Portal.CreateTokenAsync();
        await run.EndPortalAsync();
        using var response = await run.SendAsync(key, Agreements);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(run.Upstream.Seen);
    }

    [Fact]
    public async Task Disable_DecisionsNotKept_IsInForceForTheNextRequest()
    {
        await using var run = await ProxyRun.StartNginxAsync();
        var key = await run.Portal.CreateTokenAsync();
        for (var round = 0; round < 3; round++)
        {
            using (var allowed = await run.SendAsync(key, Agreements))
                Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            await run.Portal.DisableAsync(key);
            using (var refused = await run.SendAsync(key, Agreements))
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            await run.Portal.EnableAsync(key);
        }
    }
}
