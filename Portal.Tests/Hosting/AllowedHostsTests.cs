using System.Net;
using System.Net.Sockets;
using System.Text;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Support;

namespace Portal.Tests.Hosting;

/// <summary>Which clients get a response under which host names. Machines that use the IP address always do.</summary>
[Slow]
public sealed class AllowedHostsTests(AllowedHostsTests.Named portal) : IClassFixture<AllowedHostsTests.Named>
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/HEALTH/live")]
    [InlineData("/metrics")]
    [InlineData("/.well-known/jwks.json")]
    public async Task MachinesPath_AnyHost_IsAnswered(string path)
    {
        foreach (var host in new[] { "127.0.0.1", "portal.internal:8080", "[::1]:5080", "10.1.2.3" })
            Assert.Equal((host, 200), (host, await StatusAsync($"GET {path} HTTP/1.1", $"Host: {host}")));
        Assert.Equal(200, await StatusAsync($"GET {path} HTTP/1.0"));
        Assert.Equal(200, await StatusAsync($"GET {path} HTTP/1.1", "Host:"));
    }

    [Fact]
    public async Task Metrics_AnyHost_KeepTheirRuleOfAddresses() =>
        Assert.Equal(404, await StatusAsync("GET /metrics HTTP/1.1", "Host: 127.0.0.1", "X-Forwarded-For: 192.0.2.7"));

    [Fact]
    public async Task Question_UnderTheClientsHost_IsAnswered()
    {
        var question = Question.From("caddy", await portal.Host.CreateTokenAsync(), "/public/v1/agreements");
        question.Headers.Host = "api.example.org";
        using var response = await portal.Host.Client.SendAsync(question, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("portal.example.com", 200)]
    [InlineData("PORTAL.example.com:8443", 200)]
    [InlineData("eu.apps.example.com", 200)]
    [InlineData("[2001:db8::1]", 200)]
    [InlineData("[2001:db8::1]:5080", 200)]
    [InlineData("apps.example.com", 400)]
    [InlineData("portal.example.com.evil.example", 400)]
    [InlineData("127.0.0.1", 400)]
    [InlineData("[2001:db8::2]", 400)]
    public async Task PagesAndApi_EachHost_AreAnsweredUnderAllowedOnes(string host, int expected)
    {
        using var page = await AskAsync(host, "/login");
        using var api = await AskAsync(host, "/public/v1/accounts");
        Assert.Equal((expected, expected), ((int)page.StatusCode, (int)api.StatusCode));
        if (expected == 200)
            return;
        Assert.Equal("text/plain", page.Content.Headers.ContentType?.MediaType);
        await ErrorBody.AssertAsync(api, HttpStatusCode.BadRequest, "VAL_001");
    }

    /// <summary>HTTP/1.0 has no host names: programs are served, and pages, which lead to addresses of the host, are not.</summary>
    [Fact]
    public async Task Request_WithoutAHost_IsServedToProgramsAlone()
    {
        Assert.Equal(200, await StatusAsync("GET /public/v1/accounts HTTP/1.0", $"Authorization: {portal.Key}"));
        foreach (var path in new[] { "/login", "/tokens", "/", "/openapi", "/nothing" })
            Assert.Equal((path, 400), (path, await StatusAsync($"GET {path} HTTP/1.0")));
    }

    [Fact]
    public async Task FirstRun_MachinesPaths_AreNotLedToTheSetup()
    {
        await using var waiting = await PortalProcess.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(waiting.Address) };
        foreach (var (path, expected) in new[] { ("/health/live", 200), ("/health/ready", 200), ("/metrics", 404), ("/.well-known/jwks.json", 200), ("/tokens", 302) })
        {
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal((path, expected), (path, (int)response.StatusCode));
        }
    }

    private Task<HttpResponseMessage> AskAsync(string host, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("Authorization", portal.Key);
        return portal.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<int> StatusAsync(params string[] lines)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(portal.Host.Address.Host, portal.Host.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", [.. lines, "", ""])), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken)).AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A Portal with configured host names.</summary>
    public sealed class Named : IAsyncLifetime
    {
        public PortalHost Host { get; } = new("Development", new Dictionary<string, string>
        {
            ["AllowedHosts"] = "portal.example.com; *.apps.example.com;[2001:db8::1]", ["Telemetry:Prometheus:Enabled"] = "true",
            ["Gateway:ForwardAuth:Askers:0"] = "127.0.0.1",
        });

        public string Key { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Host.InitializeAsync();
            Key = (await Host.CreateTokenAsync()).ToHeaderValue();
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
