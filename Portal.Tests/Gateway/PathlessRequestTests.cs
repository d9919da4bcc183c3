using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway;

/// <summary><c>OPTIONS *</c> and <c>CONNECT</c>, with and without other parts of a request: no module and no page ever gets one.</summary>
public sealed class PathlessRequestTests
{
    private const string Authority = "{authority}", Key = "{key}";

    private static readonly string[] Methods = ["OPTIONS", "CONNECT", "GET", "HEAD", "POST", "TRACE", "options", "connect"];

    private static readonly string[] Targets =
    [
        "*", Authority, "example.com:443", "/public/v1/agreements", "/login", "/", $"http://{Authority}/public/v1/agreements", $"http://{Authority}",
        $"http://{Authority}/*", "/*", "/public/v1/*", "**", "*/public/v1/agreements", "/public/v1/agreements/%2e%2e/billing",
    ];

    private static readonly string?[] Credentials = [null, Key, "ApiKey SU-000-000-000:0000000000000000000000000000000000000000", "Basic eDp5"];

    private static readonly string[] Bodies = ["", "a body"];

    [Fact]
    public async Task Http1_EveryCombination_ReachesNoUpstreamUnlessItHasAPath()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        foreach (var (method, target, credential, body) in Combinations())
        {
            var before = upstream.Seen.Count;
            var answer = await RawHttp.ExchangeAsync(run.Portal.Address, Write(run, method, target, credential, body));
            var status = answer.Length == 0 ? 0 : int.Parse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            Check([.. upstream.Seen.Skip(before)], method, target, credential, body, status);
            Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Error: ", run.Portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http2_EveryCombination_ReachesNoUpstreamUnlessItHasAPath()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address, null, builder => builder.ConfigureServices(services => services.Configure<KestrelServerOptions>(
            kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2))));
        foreach (var (method, target, credential, body) in Combinations())
            foreach (var withPath in (bool[])[true, false])
            {
                var before = upstream.Seen.Count;
                List<(string, string)> fields = [(":method", method), (":authority", run.Portal.Address.Authority)];
                if (withPath)
                    fields.AddRange([(":scheme", "http"), (":path", target.Replace(Authority, run.Portal.Address.Authority, StringComparison.Ordinal))]);
                if (credential is not null)
                    fields.Add(("authorization", credential.Replace(Key, run.Key.ToHeaderValue(), StringComparison.Ordinal)));
                var status = await RawHttp2.SendAsync(run.Portal.Address, body, [.. fields]);
                Check([.. upstream.Seen.Skip(before)], method, withPath ? target : "", credential, body, status);
            }

        Assert.DoesNotContain("Error: ", run.Portal.Log.Text, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Method, string Target, string? Credential, string Body)> Combinations() =>
        from method in Methods
        from target in Targets
        from credential in Credentials
        from body in Bodies
        select (method, target, credential, body);

    private static string Write(GatewayRun run, string method, string target, string? credential, string body)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {Authority}\r\nConnection: close\r\n");
        if (credential is not null)
            head.Append(CultureInfo.InvariantCulture, $"Authorization: {credential}\r\n");
        if (body.Length > 0)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        return head.Append("\r\n").Append(body).ToString()
            .Replace(Authority, run.Portal.Address.Authority, StringComparison.Ordinal).Replace(Key, run.Key.ToHeaderValue(), StringComparison.Ordinal);
    }

    private static void Check(List<SeenRequest> seen, string method, string target, string? credential, string body, int status)
    {
        var request = $"{method} {target} with {credential ?? "no key"} and \"{body}\" is answered {status}";
        Assert.True(status < 500, request);
        var isServed = credential == Key && method != "CONNECT" && target.EndsWith("/public/v1/agreements", StringComparison.Ordinal) && target[0] is '/' or 'h';
        if (!isServed)
            Assert.True(seen.Count == 0, $"{request} and reached the upstream");
        if (method == "CONNECT")
            Assert.False(status is >= 200 and < 300, request);
        if (method == "OPTIONS" && target == "*")
            Assert.True(status is 204 or 0, request);
        Assert.All(seen, sent => Assert.Equal("/agreements", sent.Target));
    }
}
