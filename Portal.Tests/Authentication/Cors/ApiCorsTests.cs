using System.Net;
using Microsoft.AspNetCore.Http;
using Portal.Tests.Gateway;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication.Cors;

/// <summary>Web applications of other origins that call the API from a browser (Fetch standard).</summary>
public sealed class ApiCorsTests(ApiCorsTests.Allowing allowing) : IClassFixture<ApiCorsTests.Allowing>
{
    private const string App = "https://app.example.com";
    private const string Agreements = "/public/v1/agreements";

    private GatewayRun Run => allowing.Run;

    [Theory]
    [InlineData(App, true)]
    [InlineData("https://eu.apps.example.com", true)]
    [InlineData("https://apps.example.com", false)]
    [InlineData("http://app.example.com", false)]
    [InlineData("https://app.example.com.evil.example", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    public async Task Preflight_EachOrigin_IsAnsweredWithoutKeyAndUpstream(string origin, bool allowed)
    {
        var (before, counts) = (allowing.Upstream.Seen.Count, await Run.CountsAsync());
        foreach (var path in new[] { Agreements + "/1", "/public/v1/auth/tokens", "/public/v1/nothing", "/Public/V1/accounts" })
        {
            using var response = await PreflightAsync(Run.Portal, path, origin, "DELETE", "authorization, x-any");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(allowed ? origin : null, Question.HeaderOf(response, "Access-Control-Allow-Origin"));
            Assert.Equal(["Access-Control-Request-Headers", "Access-Control-Request-Method", "Origin"], response.Headers.Vary.Order(StringComparer.Ordinal));
            if (!allowed)
                continue;
            Assert.Contains("DELETE", Question.HeaderOf(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Equal("authorization,x-any", Question.HeaderOf(response, "Access-Control-Allow-Headers")!.Replace(" ", "", StringComparison.Ordinal));
            Assert.Equal("600", Question.HeaderOf(response, "Access-Control-Max-Age"));
            Assert.Null(Question.HeaderOf(response, "Access-Control-Allow-Credentials"));
        }

        Assert.Equal(before, allowing.Upstream.Seen.Count);
        Assert.Equal(counts, await Run.CountsAsync());
    }

    /// <summary>A page must be able to read why its request was refused.</summary>
    [Theory]
    [InlineData("/public/v1/agreements", "", 401)]
    [InlineData("/public/v1/billing/1", "limited", 403)]
    [InlineData("/public/v1/nothing", "key", 404)]
    [InlineData("/public/v1/contracts", "key", 502)]
    [InlineData("/public/v1/auth/tokens/SU-000-000-000", "key", 404)]
    public async Task Refusal_AllowedOrigin_IsReadable(string path, string key, int expected)
    {
        var value = key switch { "key" => Run.Key.ToHeaderValue(), "limited" => (await Run.Portal.CreateTokenAsync(null, "MD-0002")).ToHeaderValue(), _ => null };
        using var response = await AskAsync(Run.Portal, path, App, value);
        Assert.Equal(expected, (int)response.StatusCode);
        AssertReadable(response);
        Assert.NotEmpty((await ErrorBody.ReadAsync(response)).Code);
    }

    [Fact]
    public async Task Answer_OfAnUpstreamWithItsOwnHeaders_HasPortalsAlone()
    {
        allowing.Upstream.Answer = context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlAllowCredentials = "true";
            context.Response.Headers.AccessControlExposeHeaders = "X-Theirs";
            context.Response.Headers.AccessControlAllowMethods = context.Response.Headers.AccessControlAllowHeaders = "*";
            context.Response.Headers.AccessControlMaxAge = "86400";
            context.Response.Headers.Vary = "Accept-Encoding";
            return context.Response.WriteAsync("fine");
        };
        using var response = await AskAsync(Run.Portal, Agreements, App, Run.Key.ToHeaderValue());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        AssertReadable(response);
        Assert.Null(Question.HeaderOf(response, "Access-Control-Allow-Credentials"));
        Assert.Equal(["Accept-Encoding", "Origin"], response.Headers.Vary.Order(StringComparer.Ordinal));

        using var foreign = await AskAsync(Run.Portal, Agreements, "https://evil.example", Run.Key.ToHeaderValue());
        Assert.Equal((HttpStatusCode.OK, (string?)null), (foreign.StatusCode, Question.HeaderOf(foreign, "Access-Control-Allow-Origin")));
        Assert.Contains("Origin", foreign.Headers.Vary);
        Assert.DoesNotContain(foreign.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));

        // A cache must not return this response to a page.
        using var plain = await Run.Portal.SendAsync(Run.Key, Agreements);
        Assert.Contains("Origin", plain.Headers.Vary);
    }

    [Fact]
    public async Task Pages_AnyOrigin_AreNotOpened()
    {
        foreach (var path in new[] { "/login", "/health/live", "/openapi/v1.json" })
        {
            using var response = await AskAsync(Run.Portal, path, App, null);
            Assert.Null(Question.HeaderOf(response, "Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Off_PreflightIsRefusedAndUpstreamsHeadersPass()
    {
        await using var upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "https://theirs.example";
            return Task.CompletedTask;
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var preflight = await PreflightAsync(run.Portal, Agreements, App, "GET", "authorization");
        await ErrorBody.AssertAsync(preflight, HttpStatusCode.Unauthorized, "AUTH_001");
        Assert.Empty(upstream.Seen);
        using var response = await AskAsync(run.Portal, Agreements, App, run.Key.ToHeaderValue());
        Assert.Equal("https://theirs.example", Question.HeaderOf(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Settings_CredentialsMethodsHeaders_AreWhatBrowsersAreTold()
    {
        await using var run = await GatewayRun.StartAsync(
            null, ("Api:Cors:Origins:0", App), ("Api:Cors:Methods:0", "GET"), ("Api:Cors:Headers:0", "Authorization"), ("Api:Cors:ExposedHeaders:0", "X-Mine"),
            ("Api:Cors:AllowCredentials", "true"), ("Api:Cors:MaxAge", "01:00:00"), ("AllowedHosts", "portal.example.com;127.0.0.1"));
        using var preflight = await PreflightAsync(run.Portal, Agreements, App, "DELETE", "x-other");
        Assert.Equal(
            ("GET", "Authorization", "true", "3600"),
            (Question.HeaderOf(preflight, "Access-Control-Allow-Methods"), Question.HeaderOf(preflight, "Access-Control-Allow-Headers"),
                Question.HeaderOf(preflight, "Access-Control-Allow-Credentials"), Question.HeaderOf(preflight, "Access-Control-Max-Age")));
        var request = Question.Ask("GET", Agreements, ("Origin", App), ("Host", "elsewhere.example"));
        using var refused = await run.Portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, App), (refused.StatusCode, Question.HeaderOf(refused, "Access-Control-Allow-Origin")));
        Assert.Contains("X-Mine", Question.HeaderOf(refused, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    private static void AssertReadable(HttpResponseMessage response)
    {
        Assert.Equal(App, Question.HeaderOf(response, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", response.Headers.Vary);
        var exposed = Question.HeaderOf(response, "Access-Control-Expose-Headers")!.Split(',', StringSplitOptions.TrimEntries);
        foreach (var name in new[] { "RateLimit-Remaining", "Retry-After", "Content-Range", "ETag", "Location", "WWW-Authenticate" })
            Assert.Contains(name, exposed);
        Assert.DoesNotContain("X-Theirs", exposed);
    }

    private static Task<HttpResponseMessage> AskAsync(PortalHost portal, string path, string origin, string? key)
    {
        var request = Question.Ask("GET", path, ("Origin", origin));
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", key);
        return portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> PreflightAsync(PortalHost portal, string path, string origin, string method, string headers) =>
        portal.Client.SendAsync(
            Question.Ask("OPTIONS", path, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers)),
            TestContext.Current.CancellationToken);

    /// <summary>Allows one application and the subdomains of another; Contracts has an upstream that doesn't respond.</summary>
    public sealed class Allowing : IAsyncLifetime
    {
        internal TestUpstream Upstream { get; private set; } = null!;

        internal GatewayRun Run { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Upstream = await TestUpstream.StartAsync();
            Run = await GatewayRun.StartAsync(
                Upstream.Address, ("Api:Cors:Origins:0", App), ("Api:Cors:Origins:1", "https://*.apps.example.com"),
                (GatewayRun.Contracts + "Destinations:0", "http://127.0.0.1:1"));
        }

        public async ValueTask DisposeAsync()
        {
            await Run.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
