using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>The headers that upstreams get with a request, and that clients get with a response.</summary>
public sealed class UpstreamHeadersTests : IAsyncLifetime
{
    private TestUpstream _upstream = null!;
    private GatewayRun _run = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await TestUpstream.StartAsync();
        _run = await GatewayRun.StartAsync(_upstream.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _run.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Request_SaysWhoCalledAndFromWhere_AndNeverTheKey()
    {
        using var response = await _run.GetAsync("/agreements/AGR-1?x=1");
        Assert.Equal((HttpStatusCode.OK, "fine"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        var seen = Assert.Single(_upstream.Seen);
        Assert.Equal(("GET", "/agreements/AGR-1?x=1"), (seen.Method, seen.Target));
        Assert.Equal(_run.Key.Handle, seen.Headers["X-Token-Handle"]);
        Assert.StartsWith("Token%20", seen.Headers["X-Token-Name"], StringComparison.Ordinal);
        Assert.Equal("PA-100-200", seen.Headers["X-Account-Id"]);
        Assert.Equal("127.0.0.1", seen.Headers["X-Forwarded-For"]);
        Assert.Equal("http", seen.Headers["X-Forwarded-Proto"]);
        Assert.Equal(_run.Portal.Address.Authority, seen.Headers["X-Forwarded-Host"]);
        Assert.Equal(new Uri(_upstream.Address).Authority, seen.Headers["Host"]);
        Assert.Equal(("/public/v1", "1.1 portal"), (seen.Headers["X-Forwarded-Prefix"], seen.Headers["Via"]));
        Assert.Equal(9, seen.Headers.Count);
        Assert.DoesNotContain(_run.Key.ToHeaderValue()[^ApiKey.SecretLength..], seen.Text, StringComparison.Ordinal);
        Assert.Equal(["MD-0002 200 - 1"], await _run.CountsAsync());
    }

    [Fact]
    public async Task TokenName_BeyondAscii_IsPercentEncodedUtf8()
    {
        const string name = "Zürich: 東京, 50 % – a.b_c~d";
        var wanted = new NewToken(Guid.CreateVersion7(), name, null, null, null, "EXT-000", ModuleChoice.All);
        var key = Assert.IsType<TokenOutcome.Done>(await _run.Portal.Tokens.CreateAsync(_run.Portal.Administrator, wanted)).Key!;
        (await _run.Portal.SendAsync(key, "/public/v1/agreements")).Dispose();
        var sent = Assert.Single(_upstream.Seen).Headers["X-Token-Name"];
        Assert.Equal("Z%C3%BCrich%3A%20%E6%9D%B1%E4%BA%AC%2C%2050%20%25%20%E2%80%93%20a.b_c~d", sent);
        Assert.Equal(name, Uri.UnescapeDataString(sent));
    }

    [Theory]
    [InlineData("X-Token-Handle")]
    [InlineData("x-token-handle")]
    [InlineData("X_Token_Handle")]
    [InlineData("X-Token_Handle")]
    [InlineData("X.Token.Handle")]
    [InlineData("X-Token-Name")]
    [InlineData("X-Token-Anything")]
    [InlineData("X-Account-Id")]
    [InlineData("x_account_id")]
    [InlineData("X-Portal-Assertion")]
    [InlineData("X_Portal_Assertion")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-Sandbox")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Keep-Alive")]
    [InlineData("TE")]
    public async Task ClientsHeader_ThatOnlyPortalMaySay_IsDropped(string name)
    {
        var (status, _) = await _run.SendRawAsync("/public/v1/agreements", $"{name}: forged-value");
        Assert.Equal(200, status);
        Assert.DoesNotContain("forged-value", Assert.Single(_upstream.Seen).Text, StringComparison.Ordinal);
    }

    /// <summary>CGI turns <c>Proxy</c> into a setting of the upstream's own client (httpoxy); the others are instructions that only a proxy
    /// gives.</summary>
    [Fact]
    public async Task ClientsHeaders_ThatServersTakeForAProxysWord_AreDropped()
    {
        string[] names =
        [
            "Proxy", "proxy", "Client-IP", "True-Client-IP", "True_Client_IP", "CF-Connecting-IP", "X-Cluster-Client-IP", "X-Envoy-Original-Path", "X-Host",
            "X-Sendfile-Type", "X-Accel-Mapping", "X-Middleware-Subrequest",
        ];
        var (status, _) = await _run.SendRawAsync("/public/v1/agreements", [.. names.Select(name => $"{name}: forged-value"), "X-Hostname: mine", "Proxy-Status: mine"]);
        Assert.Equal(200, status);
        var seen = Assert.Single(_upstream.Seen);
        Assert.DoesNotContain("forged-value", seen.Text, StringComparison.Ordinal);
        Assert.Equal(("mine", "mine"), (seen.Headers["X-Hostname"], seen.Headers["Proxy-Status"]));
    }

    [Theory]
    [InlineData("X-Request-Id")]
    [InlineData("X-Tokens")]
    [InlineData("X-Accounts-Id")]
    [InlineData("Xtoken-Handle")]
    [InlineData("traceparent")]
    [InlineData("If-None-Match")]
    [InlineData("Accept-Encoding")]
    [InlineData("Content-Language")]
    [InlineData("User-Agent")]
    [InlineData("Origin")]
    public async Task ClientsHeader_OfAnyOtherName_IsPassedOn(string name)
    {
        await _run.SendRawAsync("/public/v1/agreements", $"{name}: a-Value,  \"b\"");
        Assert.Equal("a-Value,  \"b\"", Assert.Single(_upstream.Seen).Headers[name]);
    }

    [Fact]
    public async Task Connection_NamesFurtherHeaders_TheyEndHere_AndPortalsOwnDoNot()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements")
        {
            Headers = { { "Connection", ["X-Hop", "X-Token-Handle"] }, { "X-Hop", "1" }, { "X-Stays", "2" } },
        };
        (await _run.SendAsync(request)).Dispose();
        var seen = Assert.Single(_upstream.Seen).Headers;
        Assert.False(seen.ContainsKey("X-Hop"));
        Assert.Equal("2", seen["X-Stays"]);
        Assert.Equal(_run.Key.Handle, seen["X-Token-Handle"]);
    }

    [Fact]
    public async Task Answer_PassesAsItIs()
    {
        _upstream.Answer = context =>
        {
            context.Response.StatusCode = 418;
            context.Response.Headers.Server = "own";
            context.Response.Headers.ContentSecurityPolicy = "default-src *";
            context.Response.Headers.StrictTransportSecurity = "max-age=1";
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers.SetCookie = new(["a=1; path=/", "b=2"]);
            context.Response.Headers.ContentDisposition = "attachment; filename=\"Zürich.pdf\"";
            context.Response.Headers["X-Sandbox"] = "own";
            context.Response.Headers["X-Hop"] = "1";
            context.Response.Headers.Connection = "X-Hop";
            return context.Response.WriteAsync("no gzip");
        };
        var (status, rest) = await _run.SendRawAsync("/public/v1/agreements");
        Assert.Equal(418, status);
        foreach (var line in new[]
        {
            "Server: own", "Content-Security-Policy: default-src *", "Strict-Transport-Security: max-age=1", "Content-Encoding: gzip", "Set-Cookie: a=1; path=/public/v1", "Set-Cookie: b=2",
            "Content-Disposition: attachment; filename=\"Zürich.pdf\"", "X-Sandbox: own",
        })
            Assert.Contains($"\r\n{line}\r\n", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hop: ", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Frame-Options", rest, StringComparison.Ordinal);
        Assert.Contains("no gzip", rest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(302)]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(500)]
    [InlineData(502)]
    public async Task Answer_WithoutBody_IsLeftAlone(int status)
    {
        _upstream.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        using var response = await _run.GetAsync("/agreements");
        Assert.Equal((status, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("/public/v1/elsewhere", response.Headers.Location?.ToString());
        Assert.Equal([$"MD-0002 {status} - 1"], await _run.CountsAsync());
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("BREW")]
    public async Task Method_Any_IsPassedOn(string method)
    {
        using var response = await _run.Portal.SendAsync(_run.Key, "/public/v1/forms/1", new HttpMethod(method));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((method, "/forms/1"), Assert.Single(_upstream.Seen) is var seen ? (seen.Method, seen.Target) : default);
    }

    [Fact]
    public async Task Body_PassesWithItsHeaders()
    {
        var body = "";
        _upstream.Answer = async context => body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/public/v1/agreements/1") { Content = new StringContent("größer", Encoding.UTF8, "text/plain") };
        (await _run.SendAsync(request)).Dispose();
        var seen = Assert.Single(_upstream.Seen).Headers;
        Assert.Equal(("größer", "text/plain; charset=utf-8", "8"), (body, seen["Content-Type"], seen["Content-Length"]));
    }

    [Fact]
    public async Task Endpoint_OfPortalsOwn_AndRefusals_NeverReachTheUpstream()
    {
        var other = await _run.Portal.CreateTokenAsync(null, "MD-0003");
        using var refused = await _run.Portal.SendAsync(other, "/public/v1/agreements");
        using var context = await _run.GetAsync("/auth/context");
        using var accounts = await _run.GetAsync("/accounts");
        using var anonymous = await _run.Portal.SendAsync((string?)null, "/public/v1/agreements");
        Assert.Equal(
            [HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized],
            new[] { refused, context, accounts, anonymous }.Select(response => response.StatusCode));
        Assert.Empty(_upstream.Seen);
    }
}
