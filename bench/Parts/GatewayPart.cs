using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures the cost of the checks in front of an upstream, compared with a proxy without checks and one with a list of keys.</summary>
internal sealed class GatewayPart : IPart
{
    private const double LeastThroughput = 0.99, MostLatency = 1.05;

    /// <summary>A path of Billing, which has the load-balanced upstream.</summary>
    private const string BalancedPath = "/public/v1/billing/AGR-100-200-001";

    public string Name => "gateway";
    public string Title => "Gateway requests";
    public IReadOnlyList<string> Tools => [Nginx.Tool];

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, Choice.FewTokens);
        var key = SeededKeys.At(0).ToHeaderValue();
        await using var upstream = await Bench.ServeAsync("Upstream", "upstream", "http://127.0.0.1:0");
        await using var yarp = await Bench.ServeAsync("Bare YARP", "yarp", "http://127.0.0.1:0", upstream.Address);
        await using var nginx = await Nginx.StartAsync(Path.Combine(bench.Folder, "nginx"), upstream.Address, key);
        await using var portal = await bench.Portal.StartAsync(data, [.. Settings(upstream.Address)]);
        var results = await bench.CompareAsync(
            new("bare YARP", yarp, BareServer.Path, key),
            new("Portal, one destination", portal, BareServer.Path, key),
            new("Portal, two destinations balanced", portal, BalancedPath, key),
            new("nginx with a map of keys", nginx, BareServer.Path, key));
        var (throughput, latency) = (Table.ThroughputRatio(results[1], results[0]), Table.LatencyRatio(results[1], results[0]));
        return $"""
            All proxies forward the same request, with a key, over 64 connections to the same upstream, a bare Kestrel. Bare YARP is `MapReverseProxy` with
            one route and one cluster: it checks nothing and forwards the key. nginx looks up the whole header in a static `map`. The two destinations are
            two addresses of the same upstream. {Page.Circumstances(bench.Choice)}.

            {Table.Of(results)}

            {Table.Aim($"at least {LeastThroughput:0.00} of bare YARP's throughput, one destination", throughput >= LeastThroughput)}
            {Table.Aim($"p99 at most {MostLatency:0.0} times bare YARP's, one destination", latency <= MostLatency)}

            """;
    }

    /// <summary>Agreements has a single destination, Billing has two.</summary>
    private static IEnumerable<(string Key, string Value)> Settings(string address) =>
    [
        (PublishedPortal.Environment, "Production"),
        ("Catalog:Modules:0:Upstream:Destinations:0", address),
        ("Catalog:Modules:1:Upstream:Destinations:0", address),
        // The same server by another name: this measures the choice between two destinations, not the help of a second server.
        ("Catalog:Modules:1:Upstream:Destinations:1", address + "/second"),
    ];
}
