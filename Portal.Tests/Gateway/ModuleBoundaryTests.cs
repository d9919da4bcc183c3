using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>A key for some modules reaches only these, however its paths are written. The modules share one upstream that records its requests; <see
/// cref="PathReadings"/> shows where a path could lead.</summary>
public sealed class ModuleBoundaryTests(ModuleBoundaryTests.SharedBackend backend) : IClassFixture<ModuleBoundaryTests.SharedBackend>
{
    private const int OverTheWire = 1000, InMemory = 20_000;

    /// <summary>Where requests with the key may lead: Agreements with its path, Contracts below a folder, DevOps through load balancing.</summary>
    private static readonly string[] Allowed = ["/agreements", "/forms", "/c", "/devops"];

    private static readonly string[] Bases =
    [
        "/PUBLIC/v1", "/%70ublic/v1", "/public%2Fv1", "/public%252Fv1", @"/public\v1", "/public%5Cv1", "//public/v1", "/public//v1", "/public/./v1", "/x/../public/v1",
        "/public/v1;x", "/public;/v1", "/public/v1%20", "/public/v1.", "/public/v1/%2e%2e/v1", "/public%ef%bc%8fv1", "/public/v%31", "/public/v1/public/v1",
    ];

    private static readonly string[] Separators =
    [
        "//", "%2F", "%2f", "%252F", "%25252f", @"\", "%5C", "%255c", @"/\", @"\/", ";", ";a=b/", "/;/", "/./", "/%2e/", "/%20/", "%00/", "%09/", "%3F", "%23",
        "%ef%bc%8f", "%e2%81%84", "%e2%88%95", "%e2%a7%b8", "%ef%bc%bc", "%ef%b9%a8", "%e2%88%96", "%c0%af", "%e0%80%af", "%f0%80%80%af", "%c1%9c", "%u002f", "%u2215", "%uff0f",
        "%ef%bc%852f", "%25%ef%bc%92f", "%25ef%25bc%258f",
    ];

    private static readonly string[] OwnModules =
    [
        "AGREEMENTS", "%61greements", "%2561greements", "agreements.", "agreements%20", "agreements;x", "agreements;x=1",
        "agreement%c5%bf", "%ef%bd%81greements", "agreements%e2%80%8b",
    ];

    private static readonly string[] Climbs =
    [
        "", "..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%25252e%25252e", "%25%32%65.", "..;", "..;x=1", ";..", "..%3b", "..%20", "%20..", "..%00", "..%09", "...", ".%20.",
        "%e2%80%a5", "%ef%b8%b0", "%e2%80%a4%e2%80%a4", "%ef%b9%92%ef%b9%92", "%ef%bc%8e%ef%bc%8e", ".%ef%bc%8e", "%e2%80%a6", "%ef%b8%99", "%e3%80%82.", "%ef%bd%a1.",
        "%25e2%2580%25a5", "%ef%b8%b0%e2%80%8b", ".%e2%80%8b.", ".%c2%ad.", "..%c2%a0", "%e3%80%80..", "..%ef%bb%bf", "%c0%ae%c0%ae", "%e0%80%ae.", "%f8%80%80%80%ae.", "%u002e%u002e",
        "%u2025", "%ufe30", "%uff0e.", "%ef%bc%852e.", "%25%ef%bc%92%ef%bd%85.", "%252%ef%bd%85.", "..%255c%cc%81",
    ];

    private static readonly string[] Victims = ["billing/secret", "tier/secret", "t/secret", "helpdesk/secret", "auth/tokens", "modules", "%62illing/secret", "x", ""];

    [Fact]
    public async Task Upstream_Http1_IsNeverAskedForAPathOfAnotherModule()
    {
        var (upstream, run) = (backend.Upstream, backend.Run);
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002", "MD-0004", "MD-0024");
        using var connection = new KeptConnection(run.Portal.Address, key);
        await AssertStaysAsync(upstream, Generate(1, OverTheWire, $"http://{run.Portal.Address.Authority}"), target => connection.SendAsync(target));
    }

    [Fact]
    public async Task Upstream_Http2_IsNeverAskedForAPathOfAnotherModule()
    {
        await using var upstream = new RecordingUpstream();
        await using var run = await StartAsync(upstream, HttpProtocols.Http2);
        var key = await run.Portal.CreateTokenAsync(null, "MD-0002", "MD-0004", "MD-0024");
        await AssertStaysAsync(upstream, Generate(2, OverTheWire / 2, ""), target => SendOverHttp2Async(run, key, target));
    }

    /// <summary>More of the same without a network, where the web server's own reading can't help.</summary>
    [Theory]
    [InlineData(PathPrefixRule.Kept)]
    [InlineData(PathPrefixRule.Stripped)]
    public void Target_Generated_NeverMakesAnAddressOfAnotherModule(PathPrefixRule rule)
    {
        var owners = new PathOwners(TestCatalog.Default);
        var served = 0;
        foreach (var target in Generate(3, InMemory, "http://portal"))
        {
            var read = RequestTarget.Parse(target, ApiKeyMiddleware.BasePath, owners);
            if (new UpstreamPath(read, rule).At("http://up/base") is not { } address)
                continue;
            served++;
            var allowed = "/base" + (rule == PathPrefixRule.Kept ? read.Owner.Prefix : "");
            AssertBelow(target, address.PathAndQuery, [allowed]);
        }

        Assert.InRange(served, InMemory / 20, InMemory / 2);
    }

    [Fact]
    public async Task Upstream_LegitimatePath_IsAskedForByteForByte()
    {
        var (upstream, run) = (backend.Upstream, backend.Run);
        upstream.Forget();
        using var connection = new KeptConnection(run.Portal.Address, run.Key);
        foreach (var path in UpstreamPathTests.Staying.Select(row => row.Data))
        {
            Assert.Equal((path, 200), (path, await connection.SendAsync("/public/v1" + path)));
            Assert.Equal(path, Assert.Single(upstream.Targets));
            upstream.Forget();
        }

        Assert.Equal(200, await connection.SendAsync($"http://{run.Portal.Address.Authority}/public/v1/agreements/AGR-1?x=%2F"));
        Assert.Equal("/agreements/AGR-1?x=%2F", Assert.Single(upstream.Targets));
    }

    /// <summary>The web server decodes an absolute address by its own rules.</summary>
    [Theory]
    [InlineData("/public/v1%2Fagreements/billing/secret")]
    [InlineData(@"/public/v1\agreements/billing/1")]
    [InlineData("/public%2Fv1/agreements/billing/1")]
    [InlineData("/public/v1/agreements%2Fx")]
    [InlineData("/public/v1/agreements/a%2Fb")] // here, the web server decodes slashes
    [InlineData("/x/../public/v1/agreements")]
    public async Task AbsoluteForm_ReadInTwoWays_IsRefusedInTheFormOfTheApi(string path)
    {
        var (upstream, run) = (backend.Upstream, backend.Run);
        upstream.Forget();
        var target = $"http://{run.Portal.Address.Authority}{path}";
        var (status, answer) = await run.SendRawAsync(target);
        Assert.Equal(404, status);
        Assert.Contains("NFND_001", answer, StringComparison.Ordinal);
        var (without, refusal) = await RawHttp.SendAsync(run.Portal.Address, target);
        Assert.NotEqual(200, without);
        Assert.DoesNotContain("   at ", answer + refusal, StringComparison.Ordinal);
        Assert.Empty(upstream.Targets);
    }

    private static Task<GatewayRun> StartAsync(RecordingUpstream upstream, HttpProtocols protocols)
    {
        static string Upstream(int module, string name) => $"Catalog:Modules:{module}:Upstream:{name}";
        return GatewayRun.StartAsync(
            upstream.Address, null,
            builder => builder.ConfigureServices(services => services.Configure<KestrelServerOptions>(
                kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols))),
            (Upstream(1, "Destinations:0"), upstream.Address),
            (Upstream(2, "Destinations:0"), upstream.Address + "/c"), (Upstream(2, "PathPrefix"), "Stripped"),
            (Upstream(3, "Destinations:0"), upstream.Address + "/t"), (Upstream(3, "PathPrefix"), "Stripped"),
            (Upstream(4, "Destinations:0"), upstream.Address), (Upstream(4, "LoadBalancing"), "RoundRobin"),
            (Upstream(5, "Destinations:0"), upstream.Address), (Upstream(5, "LoadBalancing"), "RoundRobin"));
    }

#pragma warning disable RS0030 // The same targets in every run: a failure can be repeated.
    /// <param name="authority">For the absolute form; empty for the origin form.</param>
    private static IEnumerable<string> Generate(int seed, int count, string authority)
    {
        var random = new Random(seed);
        // Mostly valid text, so that single anomalies get as far as the check.
        string One(string[] odd, int oneIn, params string[] plain) => random.Next(oneIn) == 0 ? odd[random.Next(odd.Length)] : plain[random.Next(plain.Length)];
        for (var i = 0; i < count; i++)
        {
            var head = (i % 3 == 0 ? authority : "") + One(Bases, 10, "/public/v1") + One(Separators, 10, "/") + One(OwnModules, 4, "agreements", "forms", "contracts", "devops");
            for (var depth = random.Next(1, 4); depth > 0; depth--)
                head += One(Separators, 3, "/") + One(Climbs, 2, "x", "a%2Fb", "..x", "");
            yield return head + One(Separators, 3, "/") + Victims[random.Next(Victims.Length)];
        }
    }
#pragma warning restore RS0030

    private static async Task AssertStaysAsync(RecordingUpstream upstream, IEnumerable<string> targets, Func<string, Task<int>> send)
    {
        var (count, served) = (0, 0);
        foreach (var target in targets)
        {
            count++;
            upstream.Forget();
            var status = await send(target);
            Assert.True(status < 500, $"{target} is answered {status}.");
            // Only the upstream responds to this key.
            Assert.Equal((target, status == 200 ? 1 : 0), (target, upstream.Targets.Count));
            served += upstream.Targets.Count;
            foreach (var sent in upstream.Targets)
                AssertBelow(target, sent, Allowed);
        }

        Assert.InRange(served, count / 20, count / 2);
    }

    private static void AssertBelow(string target, string sent, string[] allowed)
    {
        foreach (var reading in PathReadings.Of(sent))
            Assert.True(allowed.Any(prefix => (reading + "/").StartsWith(prefix + "/", StringComparison.OrdinalIgnoreCase)), $"{target} makes {sent}, which could be {reading}");
    }

    /// <summary>Portal in front of the shared upstream, over HTTP/1.1.</summary>
    public sealed class SharedBackend : IAsyncLifetime
    {
        internal RecordingUpstream Upstream { get; } = new();
        internal GatewayRun Run { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Run = await StartAsync(Upstream, HttpProtocols.Http1);

        public async ValueTask DisposeAsync()
        {
            await Run.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }

    private static async Task<int> SendOverHttp2Async(GatewayRun run, ApiKey key, string target)
    {
        var address = new Uri($"http://{run.Portal.Address.Authority}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Head, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        try
        {
            using var response = await run.Portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.HttpProtocolError)
        {
            // The web server resets the stream where it responds with 400 over HTTP/1.1.
            return StatusCodes.Status400BadRequest;
        }
    }
}
