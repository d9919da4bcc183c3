using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures the cost of the checks alone: Portal itself responds.</summary>
internal sealed class DirectPart : IPart
{
    private const double Least = 0.92;

    public string Name => "direct";
    public string Title => "Direct requests";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, Choice.FewTokens);
        await using var bare = await Bench.ServeAsync("Bare Kestrel", "bare", "http://127.0.0.1:0");
        await using var portal = await bench.Portal.StartAsync(data);
        var key = SeededKeys.At(0).ToHeaderValue();
        var results = await bench.CompareAsync(
            new("Bare Kestrel", bare, BareServer.Path, key: null), new("Portal", portal, BareServer.Path, key));
        return $"""
            Portal verifies the key, checks the token's state, module and path, counts the request, and responds without an upstream. Bare Kestrel checks
            nothing. Both servers send the same bytes over 64 connections.
            {Page.Circumstances(bench.Choice)}.

            {Table.Of(results)}

            {Table.Aim($"at least {Least:0.00} of bare Kestrel's throughput", Table.ThroughputRatio(results[1], results[0]) >= Least)}

            """;
    }
}
