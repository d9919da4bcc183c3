using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>Which addresses may ask, and the responses to those that may not.</summary>
public sealed class ForwardAuthClientsTests
{
    private const string Agreements = "/public/v1/agreements";

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.0/8", 200)]
    [InlineData("127.0.0.1-127.0.0.9", 200)]
    [InlineData("::ffff:127.0.0.1", 200)]
    [InlineData("127.0.0.2", 403)]
    [InlineData("::1", 403)]
    public async Task Ask_FromThisMachine_IsAnsweredWhenItIsNamed(string asker, int expected)
    {
        await using var host = await StartAsync(("Gateway:ForwardAuth:Askers:0", "192.0.2.99"), ("Gateway:ForwardAuth:Askers:1", asker));
        using var response = await AskAsync(host, "traefik");
        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task Ask_FromElsewhere_LearnsNothingAndTheLogSaysWhoItWas()
    {
        await using var host = await StartAsync(("Gateway:ForwardAuth:Askers:0", "192.0.2.99"));
        var key = await host.CreateTokenAsync();
        foreach (var proxy in new[] { "traefik", "nginx", "nobody" })
        {
            using var response = await host.Client.SendAsync(Question.From(proxy, key, Agreements), TestContext.Current.CancellationToken);
            Assert.Equal("This address isn't allowed to send authorization requests to Portal.", await ErrorBody.AssertAsync(response, HttpStatusCode.Forbidden, "AUTH_003"));
            Assert.Null(Question.HeaderOf(response, "X-Token-Handle"));
        }

        Assert.Empty(await host.CountsAsync(key.Handle));
        var complaint = "Forward authentication refused a request: 127.0.0.1 is not listed in Gateway:ForwardAuth:Askers";
        Assert.Equal(2, host.Log.Text.Split(complaint).Length); // one for the three within ten seconds
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        (await AskAsync(host, "traefik")).Dispose();
        Assert.Equal(3, host.Log.Text.Split(complaint).Length);
    }

    /// <summary>A client's address from a trusted proxy must neither allow a client to ask nor prevent a proxy from asking.</summary>
    [Theory]
    [InlineData("192.0.2.7", 403)]
    [InlineData("127.0.0.1", 200)]
    public async Task Ask_ThroughATrustedProxy_GoesByTheConnectionAndNotByTheHeader(string asker, int expected)
    {
        await using var host = await StartAsync(("Gateway:ForwardAuth:Askers:0", asker), ("Portal:TrustedProxies:0", "127.0.0.1"));
        using var response = await AskAsync(host, "traefik");
        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task Ask_WhereNobodyAnswers_IsNoPermission()
    {
        string[] targets =
        [
            "/forward-auth", "/forward-auth/", "/forward-auth/haproxy", "/forward-auth/nginx/", "/forward-auth/nginx/public/v1/agreements", "/forward-auth/NGINX",
            "/Forward-Auth/traefik", "/forward%2Dauth/traefik", "/forward-authority", "/forward-auth/envoy*",
            // If the dots were resolved, these would be pages that respond with 200.
            "/forward-auth/envoy/../../health/live", "/forward-auth/envoy/..%2f..%2fhealth/live",
            "/forward-auth/envoy/%2e%2e/%2e%2e/health/live", "/forward-auth/../health/live", "/forward-auth/envoy/../../login",
        ];
        await using var on = await StartAsync(("Gateway:ForwardAuth:Askers:0", "127.0.0.1"));
        await using var off = await StartAsync();
        var key = await on.CreateTokenAsync();
        string[] headers =
        [
            $"Authorization: {key.ToHeaderValue()}", "X-Real-IP: 192.0.2.7", "X-Forwarded-For: 192.0.2.7", $"X-Original-URI: {Agreements}",
            $"X-Forwarded-Uri: {Agreements}", "X-Original-Method: GET", "X-Forwarded-Method: GET",
        ];
        foreach (var target in targets)
            Assert.Equal(
                (target, 404, 404), (target, (await RawHttp.SendAsync(on.Address, target, headers)).Status, (await RawHttp.SendAsync(off.Address, target, headers)).Status));
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("envoy")]
    public async Task Ask_NobodyNamed_IsNotFound(string proxy)
    {
        await using var host = await StartAsync();
        using var response = await AskAsync(host, proxy);
        await ErrorBody.AssertAsync(response, HttpStatusCode.NotFound, "NFND_001");
    }

    [Theory]
    [InlineData("", "/agreements", 200)]
    [InlineData("", "/public/v1/agreements", 404)]
    [InlineData("/api/v2", "/api/v2/agreements/1", 200)]
    [InlineData("/api/v2", "/API/v2/agreements", 200)]
    [InlineData("/api/v2", "/api/v2agreements", 404)]
    [InlineData("/api/v2", "/public/v1/agreements", 404)]
    public async Task BasePath_IsWhatStandsBeforeTheModulesPaths(string basePath, string uri, int expected)
    {
        await using var host = await StartAsync(("Gateway:ForwardAuth:Askers:0", "127.0.0.1"), ("Gateway:ForwardAuth:BasePath", basePath));
        using var response = await AskAsync(host, "caddy", uri);
        Assert.Equal(expected, (int)response.StatusCode);
    }

    private static async Task<PortalHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var host = new PortalHost("Development", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        await host.InitializeAsync();
        return host;
    }

    private static async Task<HttpResponseMessage> AskAsync(PortalHost host, string proxy, string uri = Agreements) =>
        await host.Client.SendAsync(Question.From(proxy, await host.CreateTokenAsync(), uri), TestContext.Current.CancellationToken);
}
