using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>The responses to each kind of proxy.</summary>
public sealed class ForwardAuthTests(AskedPortal portal) : IClassFixture<AskedPortal>
{
    private const string Agreements = "/public/v1/agreements/AGR-1?limit=1";

    private static readonly string[] Answered = ["X-Token-Handle", "X-Token-Name", "X-Account-Id", "Cache-Control"];

    public static TheoryData<string> Proxies { get; } = ["nginx", "traefik", "caddy", "envoy"];

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_RightKey_IsPermittedAndToldWhoCalls(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync(null, "MD-0002");
        var token = (await portal.Host.Services.GetRequiredService<TokenReader>().FindAsync(portal.Host.Administrator, key.Handle))!;
        using var response = await portal.AskAsync(proxy, key, Agreements, "POST");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            [key.Handle, Uri.EscapeDataString(token.Name), portal.Host.Administrator.AccountId, "no-store"],
            [.. Answered.Select(name => Question.HeaderOf(response, name))]);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["MD-0002 200 - 1"], await portal.CountsAsync(key));
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_WithoutKey_IsRefusedAndNotCounted(string proxy)
    {
        using var response = await portal.AskAsync(proxy, null, Agreements);
        Assert.Equal("API request is unauthorized.", await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_001"));
        Assert.Null(Question.HeaderOf(response, "X-Token-Handle"));
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_DisabledToken_IsRefusedFromTheNextQuestionOn(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync();
        using var before = await portal.AskAsync(proxy, key, Agreements);
        await portal.Host.DisableAsync(key);
        using var after = await portal.AskAsync(proxy, key, Agreements);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await ErrorBody.AssertAsync(after, HttpStatusCode.Unauthorized, "AUTH_002");
        Assert.Equal(["MD-0002 200 - 1", "MD-0002 401 AUTH_002 1"], await portal.CountsAsync(key));
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_RetiredKey_IsRefusedAndCountedAsThat(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync();
        await portal.Host.RotateAsync(key);
        using var response = await portal.AskAsync(proxy, key, Agreements);
        await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_001");
        Assert.Equal(["MD-0002 401 RETIRED 1"], await portal.CountsAsync(key));
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_ModuleNotEnabled_IsForbidden(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync(null, "MD-0002");
        using var response = await portal.AskAsync(proxy, key, "/public/v1/billing");
        await ErrorBody.AssertAsync(response, HttpStatusCode.Forbidden, "AUTH_004");
        Assert.Equal(proxy == "nginx" ? "403" : null, Question.HeaderOf(response, "X-Portal-Status"));
        Assert.Equal(["MD-0003 403 AUTH_004 1"], await portal.CountsAsync(key));
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_PathOfNobody_IsNotFoundAsFarAsTheProxyKnowsThat(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync();
        using var response = await portal.AskAsync(proxy, key, "/public/v1/nothing");
        var understood = proxy == "nginx" ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
        Assert.Equal("There is nothing at /public/v1/nothing. Check the address.", await ErrorBody.AssertAsync(response, understood, "NFND_001"));
        Assert.Equal(proxy == "nginx" ? "404" : null, Question.HeaderOf(response, "X-Portal-Status"));
        Assert.Equal(["- 404 NFND_001 1"], await portal.CountsAsync(key));
    }

    [Fact]
    public async Task Ask_AsNginx_GetsTheBodyInAHeaderToo()
    {
        var key = await portal.Host.CreateTokenAsync();
        using var response = await portal.AskAsync("nginx", key, "/public/v1/caf%C3%A9");
        Assert.Equal(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), Question.HeaderOf(response, "X-Portal-Error"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Ask_AsEnvoyWithEveryMethod_IsAnswered(string method)
    {
        using var permitted = await portal.AskAsync("envoy", await portal.Host.CreateTokenAsync(), Agreements, method);
        Assert.Equal(HttpStatusCode.OK, permitted.StatusCode);
        using var refused = await portal.AskAsync("envoy", null, Agreements, method);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    /// <summary>Here, headers that another kind of proxy sets come from the client.</summary>
    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_WithTheHeadersOfOtherProxies_IsJudgedByItsOwn(string proxy)
    {
        var key = await portal.CreateTokenForAsync("192.0.2.0/24");
        await portal.Host.EditModulesAsync(key, new ModuleChoice(false, ["MD-0002"]));
        using var question = Question.From(proxy, key, "/public/v1/billing", address: "192.0.2.8");
        foreach (var name in new[] { "X-Original-URI", "X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL" })
            if (!question.Headers.Contains(name))
                question.Headers.Add(name, "/public/v1/agreements");
        using var refused = await portal.SendAsync(question);
        await ErrorBody.AssertAsync(refused, HttpStatusCode.Forbidden, "AUTH_004");

        using var elsewhere = Question.From(proxy, key, Agreements, address: "203.0.113.9");
        foreach (var name in new[] { "X-Real-IP", "X-Client-IP", "Forwarded", "X-Forwarded-For" })
            if (!elsewhere.Headers.Contains(name))
                elsewhere.Headers.TryAddWithoutValidation(name, "192.0.2.8");
        using var outside = await portal.SendAsync(elsewhere);
        await ErrorBody.AssertAsync(outside, HttpStatusCode.Forbidden, "AUTH_003");
    }

    [Fact]
    public async Task Ask_LastUse_IsTheClients()
    {
        var key = await portal.Host.CreateTokenAsync();
        (await portal.AskAsync("traefik", key, Agreements, address: "203.0.113.9")).Dispose();
        await portal.CountsAsync(key);
        var token = await portal.Host.Services.GetRequiredService<TokenReader>().FindAsync(portal.Host.Administrator, key.Handle);
        Assert.Equal("203.0.113.9", token!.LastUse!.Address);
        Assert.NotNull(Assert.Single(token.Permissions, it => it.ModuleId == "MD-0002").LastUsedAt);
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_IsNotedAsTheOriginalRequest(string proxy)
    {
        var key = await portal.Host.CreateTokenAsync();
        using var question = Question.From(proxy, key, Agreements, "DELETE", "203.0.113.9");
        question.Headers.TryAddWithoutValidation("User-Agent", "tester/1.0");
        (await portal.SendAsync(question)).Dispose();
        await portal.CountsAsync(key);
        var recent = Assert.Single(await portal.Host.Services.GetRequiredService<StatisticsReader>()
            .ReadRecentAsync(portal.Host.Administrator, key.Handle, TestContext.Current.CancellationToken));
        Assert.Equal(("DELETE", "/public/v1/agreements/AGR-1", 200, null, "203.0.113.9"), (recent.Method, recent.Path, recent.StatusCode, recent.Duration, recent.Address));
        var token = await portal.Host.Services.GetRequiredService<TokenReader>().FindAsync(portal.Host.Administrator, key.Handle);
        Assert.Equal("tester/1.0", token!.LastUse!.Client);
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Ask_BeyondTheLimit_IsToldWhenToTryAgain(string proxy)
    {
        await using var host = new PortalHost("Development", new Dictionary<string, string>(AskedPortal.Settings) { ["Tokens:RateLimit"] = "1 per day" });
        await host.InitializeAsync();
        var key = await host.CreateTokenAsync();
        using var first = await host.Client.SendAsync(Question.From(proxy, key, Agreements), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("0", Question.HeaderOf(first, "RateLimit-Remaining"));
        using var second = await host.Client.SendAsync(Question.From(proxy, key, Agreements), TestContext.Current.CancellationToken);
        await ErrorBody.AssertAsync(second, proxy == "nginx" ? HttpStatusCode.Forbidden : HttpStatusCode.TooManyRequests, "RATE_001");
        Assert.Equal(proxy == "nginx" ? "429" : null, Question.HeaderOf(second, "X-Portal-Status"));
        Assert.NotNull(Question.HeaderOf(second, "Retry-After"));
        Assert.Equal("1;w=86400", Question.HeaderOf(second, "RateLimit-Policy"));
    }

    [Fact]
    public async Task Ask_FaultOfPortalsOwn_IsNoPermission()
    {
        await using var host = new PortalHost("Development", AskedPortal.Settings);
        await host.InitializeAsync();
        var key = await host.CreateTokenAsync();
        await using (var context = await host.ContextAsync())
            await context.Database.ExecuteSqlRawAsync(TestDatabase.Translate("ALTER TABLE Tokens RENAME TO Elsewhere"), TestContext.Current.CancellationToken);
        using var response = await host.Client.SendAsync(Question.From("nginx", key, Agreements), TestContext.Current.CancellationToken);
        await ErrorBody.AssertAsync(response, HttpStatusCode.Forbidden, "SRV_001");
        Assert.Equal("500", Question.HeaderOf(response, "X-Portal-Status"));
        Assert.Contains("An authorization request from a proxy (nginx) failed", host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(key.ToHeaderValue()[^40..], host.Log.Text, StringComparison.Ordinal);
    }
}
