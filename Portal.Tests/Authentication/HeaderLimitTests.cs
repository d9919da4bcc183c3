using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication;

/// <summary>Requests with too many or too long headers, and requests without a path.</summary>
public sealed class HeaderLimitTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private const string Expected = "The headers are too large. The limit is 100 headers with 32,768 characters in total. Send fewer or shorter headers.";

    public static TheoryData<string[], int> Headers => new()
    {
        { [$"X-Long: {new string('x', 31_000)}"], 200 },
        { [$"X-Long: {new string('x', 33_000)}"], 431 },
        { [$"X-Long: {new string('x', 120_000)}"], 431 },
        { [$"Cookie: {new string('x', 20_000)}", $"User-Agent: {new string('x', 20_000)}"], 431 },
        { [.. Enumerable.Range(0, 97).Select(number => $"X-Header-{number}: x")], 200 },
        { [.. Enumerable.Range(0, 98).Select(number => $"X-Header-{number}: x")], 431 },
        { [.. Enumerable.Repeat("X-Same: x", 300)], 431 },
    };

    [Theory]
    [MemberData(nameof(Headers), DisableDiscoveryEnumeration = true)]
    public async Task Request_ToTheApi_IsRefusedInItsFormBeyondTheLimit(string[] headers, int expected)
    {
        var key = await portal.CreateTokenAsync();
        foreach (var path in (string[])["/public/v1/agreements", "/public/v1/auth/context"])
        {
            var (status, answer) = await RawHttp.SendAsync(portal.Address, path, [$"Authorization: {key.ToHeaderValue()}", .. headers]);
            Assert.Equal(expected, status);
            if (expected == 431)
                Assert.Equal(("VAL_001", Expected), Read(answer));
        }

        if (expected == 431)
            Assert.Contains("MD-0002 431 VAL_001 1", string.Join('\n', await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithoutAKey_IsUnauthorizedFirst()
    {
        var (status, answer) = await RawHttp.SendAsync(portal.Address, "/public/v1/agreements", $"X-Long: {new string('x', 40_000)}");
        Assert.Equal(401, status);
        Assert.Contains("AUTH_001", answer, StringComparison.Ordinal);
    }

    /// <summary>The web server responds to these itself, before Portal gets them.</summary>
    [Theory]
    [InlineData("/public/v1/agreements", 400, "Host: another")]
    [InlineData("/public/v1/agreements", 400, "No colon")]
    [InlineData("/public/v1/agreements", 400, "Spaced : x")]
    [InlineData("/public/v1/agreements", 400, "X-Control: a\0b")]
    [InlineData("/public/v1/agreements", 400, "Content-Length: many")]
    [InlineData("/public/v1/agreements/%00", 400, "X: y")]
    [InlineData("/public/v1/agreements/%", 404, "X: y")]
    [InlineData("/public/v1/auth/tokens", 400, "No colon")]
    public async Task Request_Malformed_IsRefusedInTheFormOfTheApi(string target, int expected, string header)
    {
        var key = await portal.CreateTokenAsync();
        var (status, answer) = await RawHttp.SendAsync(portal.Address, target, $"Authorization: {key.ToHeaderValue()}", header);
        Assert.Equal(expected, status);
        Assert.Equal(expected == 400 ? "VAL_001" : "NFND_001", Read(answer).Code);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\"}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_MalformedHead_IsAnsweredWithoutABody()
    {
        var (status, answer) = await RawHttp.SendAsync(portal.Address, "/public/v1/agreements", ["No colon"], "HEAD");
        Assert.Equal(400, status);
        Assert.Contains("\r\nContent-Type: application/json\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/public/v1/agreements", true)]
    [InlineData("/login", false)]
    public async Task Request_BeyondWhatTheServerReads_IsCutOff(string path, bool isApi)
    {
        var (status, answer) = await RawHttp.SendAsync(portal.Address, path, $"X-Long: {new string('x', 140_000)}");
        Assert.Equal(431, status);
        Assert.Equal(isApi, answer.Contains(Expected, StringComparison.Ordinal));
        Assert.Equal(!isApi, answer.Contains("Content-Length: 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_OverHttp2_IsRefusedInTheSameForm()
    {
        var host = new PortalHost("Development", configure: builder => builder.ConfigureServices(services => services.Configure<KestrelServerOptions>(
            kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2))));
        await using var _ = host;
        await host.InitializeAsync();
        var key = await host.CreateTokenAsync();
        foreach (var (path, length, status) in ((string, int, int)[])[("/public/v1/agreements", 33_000, 431), ("/public/v1/agreements", 100_000, 431), ($"/public/v1/agreements?{new string('x', 60_000)}", 1, 400)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
            request.Headers.TryAddWithoutValidation("X-Long", new string('x', length));
            using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await ErrorBody.AssertAsync(response, (HttpStatusCode)status, "VAL_001");
        }
    }

    [Theory]
    [InlineData("CONNECT", "{authority}", 405)]
    [InlineData("CONNECT", "/public/v1/agreements", 405)]
    [InlineData("CONNECT", "/login", 405)]
    [InlineData("CONNECT", "http://{authority}/public/v1/agreements", 405)]
    [InlineData("OPTIONS", "*", 204)]
    [InlineData("GET", "*", 405)]
    [InlineData("GET", "{authority}", 405)]
    public async Task Request_ForNoPath_IsAnsweredPlainly(string method, string target, int expected)
    {
        var key = await portal.CreateTokenAsync();
        var (status, answer) = await RawHttp.SendAsync(
            portal.Address, target.Replace("{authority}", portal.Address.Authority, StringComparison.Ordinal), [$"Authorization: {key.ToHeaderValue()}"], method);
        Assert.Equal(expected, status);
        Assert.Contains("\r\nAllow: ", answer, StringComparison.Ordinal);
        if (method == "CONNECT")
            Assert.Equal(("MTHD_001", "Portal does not open tunnels. Use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS."), Read(answer));
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
    }

    private static (string? Code, string? Error) Read(string answer)
    {
        var body = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)]).RootElement;
        return (body.GetProperty("error_code").GetString(), body.GetProperty("errors")[0].GetString());
    }
}
