using System.Text.Json;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>Authorization requests that the web server refuses, because of what a client sent to the proxy.</summary>
public sealed class MalformedAuthorizationRequestsTests(AskedPortal portal) : IClassFixture<AskedPortal>
{
    [Theory]
    [InlineData("/forward-auth/nginx", "User-Agent: a\0b", 403, 400)]
    [InlineData("/forward-auth/nginx", "No colon", 403, 400)]
    [InlineData("/forward-auth/nginx", "X-Long", 403, 431)]
    [InlineData("/forward-auth/traefik", "User-Agent: a\0b", 400, null)]
    [InlineData("/forward-auth/caddy", "X-Long", 431, null)]
    [InlineData("/forward-auth/envoy/public/v1/agreements", "User-Agent: a\0b", 400, null)]
    [InlineData("/forward-auth", "User-Agent: a\0b", 400, null)]
    [InlineData("/Forward-Auth/nginx", "User-Agent: a\0b", 400, null)]
    public async Task Ask_Malformed_IsRefusedInAFormThatTheProxyUnderstands(string target, string header, int status, int? original)
    {
        var answer = await AskAsync(portal.Host, target, header);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal("VAL_001", CodeIn(answer[answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]));
        Assert.Equal(original?.ToString(System.Globalization.CultureInfo.InvariantCulture), HeaderIn(answer, "X-Portal-Status"));
        if (original is not null)
            Assert.Equal("VAL_001", CodeIn(HeaderIn(answer, "X-Portal-Error")!));
    }

    [Fact]
    public async Task Ask_MalformedByAnother_IsNotDescribedInHeaders()
    {
        await using var host = new PortalHost("Development", new Dictionary<string, string> { ["Gateway:ForwardAuth:Askers:0"] = "192.0.2.1" });
        await host.InitializeAsync();
        var answer = await AskAsync(host, "/forward-auth/nginx", "No colon");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Null(HeaderIn(answer, "X-Portal-Status"));
    }

    private static Task<string> AskAsync(PortalHost host, string target, string header) => RawHttp.ExchangeAsync(host.Address, string.Join("\r\n",
        $"GET {target} HTTP/1.1", $"Host: {host.Address.Authority}", "Connection: close", header == "X-Long" ? $"X-Long: {new string('x', 140_000)}" : header, "", ""));

    private static string? CodeIn(string text) => JsonDocument.Parse(text).RootElement.GetProperty("error_code").GetString();

    private static string? HeaderIn(string answer, string name) =>
        Array.Find(answer.Split("\r\n"), line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
}
