using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>The protection of every page: headers, cookies, redirects and limits.</summary>
public sealed class PageProtectionTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("/setup")]
    [InlineData("/setup/")]
    [InlineData("/SETUP")]
    [InlineData("/%73etup")]
    [InlineData("/Setup/?x=1")]
    public async Task Setup_AfterTheFirstRun_IsNotFound(string path)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await portal.SendAsync((string?)null, path)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await portal.SendAsync((string?)null, path, HttpMethod.Post)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/setup", HttpStatusCode.NotFound)]
    [InlineData("GET", "/error", HttpStatusCode.NotFound)]
    [InlineData("POST", "/error", HttpStatusCode.NotFound)]
    [InlineData("POST", "/Error", HttpStatusCode.NotFound)]
    public async Task NotFound_IsKeptByNoCacheAndFillsNoLog(string method, string path, HttpStatusCode expected)
    {
        using var page = await portal.SendAsync((string?)null, path, new HttpMethod(method));

        Assert.Equal(expected, page.StatusCode);
        Assert.True(page.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain("ExceptionHandlerMiddleware", portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_SaysWhatItNeedsOfTheBrowser()
    {
        using var page = await portal.SendAsync((string?)null, "/login");
        var policy = Assert.Single(page.Headers.GetValues("Permissions-Policy"));
        foreach (var feature in new[] { "camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()", "clipboard-write=self" })
            Assert.Contains(feature, policy, StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("/tokens", "/login?returnUrl=%2Ftokens")]
    [InlineData("/integrations/ip-rules?x=1", "/login?returnUrl=%2Fintegrations%2Fip-rules%3Fx%3D1")]
    public async Task Redirect_WhateverHostIsAskedFor_NamesNone(string path, string location)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = "evil.example";
        using var answer = await portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(location, Assert.Single(answer.Headers.GetValues("Location")));
    }

    [Theory]
    [InlineData("http://portal.example/tokens?x=1#y", "portal.example", "/tokens?x=1#y")]
    [InlineData("https://PORTAL.example:443/", "portal.example:443", "/")]
    [InlineData("http://portal.example:8080/a", "portal.example:8080", "/a")]
    [InlineData("http://[::1]:5080/a", "[::1]:5080", "/a")]
    [InlineData("http://portal.example//evil.example/a", "portal.example", "/evil.example/a")]
    [InlineData("http://portal.example:8080/a", "portal.example", "http://portal.example:8080/a")]
    [InlineData("https://other.example/a", "portal.example", "https://other.example/a")]
    [InlineData("//evil.example/a", "portal.example", "/evil.example/a")]
    [InlineData("/\\evil.example", "portal.example", "/evil.example")]
    [InlineData("\\\\evil.example", "portal.example", "/evil.example")]
    [InlineData("/a", "portal.example", "/a")]
    public void Relative_OnlyWithinPortal(string location, string host, string expected) =>
        Assert.Equal(expected, RelativeRedirects.Relative(location, new HostString(host)));

    [Theory]
    [InlineData("__Host-portal=a; __Host-theme=dark", "portal=a; theme=dark")]
    [InlineData("portal=planted; __Host-portal=a", "portal=a")]
    [InlineData("portal=planted; __host-portal=planted; __Secure-portal=planted", "")]
    [InlineData("", "")]
    public void Cookies_OverHttps_CountOnlyWithThePrefix(string sent, string seen) =>
        Assert.Equal(seen, HostPrefixedCookies.WithoutPrefix(sent).ToString());

    [Fact]
    public void Connections_AreLimitedAsConfigured()
    {
        var limits = portal.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal((20_000L, 10_000L), (limits.MaxConcurrentConnections, limits.MaxConcurrentUpgradedConnections));
    }

    /// <summary>The limits are only lifted for a module's upstream, request by request.</summary>
    [Fact]
    public void Connections_SlowBodies_HaveAMinimumRate()
    {
        var (limits, usual) = (portal.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits, new KestrelServerLimits());
        Assert.Equal(
            (usual.MinRequestBodyDataRate!.BytesPerSecond, usual.MinResponseDataRate!.BytesPerSecond, usual.MaxRequestBodySize),
            (limits.MinRequestBodyDataRate?.BytesPerSecond, limits.MinResponseDataRate?.BytesPerSecond, limits.MaxRequestBodySize));
    }

    [Fact]
    public void Connections_OutOfRange_NamesTheSetting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Portal:Connections:Maximum"] = "0";
        ConnectionLimits.Add(builder);
        using var host = builder.Build();
        var fault = Assert.Throws<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<ConnectionLimits>>().Value);
        Assert.Contains("Portal:Connections:Maximum must be from 10 to 1000000.", fault.Message, StringComparison.Ordinal);
    }
}
