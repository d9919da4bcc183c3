using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures whether clients with valid keys are affected when others send invalid ones.</summary>
internal sealed class FloodPart : IPart
{
    /// <summary>Below 1 to allow for the variation between rounds.</summary>
    private const double Least = 0.95;

    private const int Half = 32;

    public string Name => "flood";
    public string Title => "Flood of invalid keys";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (limited, unlimited) = (Path.Combine(bench.Folder, "limited"), Path.Combine(bench.Folder, "unlimited"));
        await Seed.CreateAsync(bench.Portal.Folder, limited, Choice.FewTokens);
        await Seed.CreateAsync(bench.Portal.Folder, unlimited, Choice.FewTokens);
        await using var portal = await bench.Portal.StartAsync(limited);
        await using var patient = await bench.Portal.StartAsync(unlimited, ("Tokens:FailedVerifications", ""));
        var results = await bench.CompareAsync(
            Contend("both halves valid", portal, Choice.FewTokens, "good-keys.lua"),
            Contend("one half invalid", portal, Choice.FewTokens, "bad-keys.lua"),
            Contend("one half invalid, no limit", patient, Choice.FewTokens, "bad-keys.lua"));
        var kept = results.Skip(1).All(result => Table.ThroughputRatio(result, results[0]) >= Least);
        return $"""
            One half, {Half} connections, sends valid keys. The other half, {Half} connections, sends valid keys too, or invalid ones as fast as possible: unknown
            handles (a new one each time), existing handles with a wrong secret, and malformed keys. All connections come from one address, which soon exceeds
            `Tokens:FailedVerifications` and gets `429` for every invalid key. In the last row, there is no such limit, and each invalid key gets `401`. The
            figures are those of the first half. {Page.Circumstances(bench.Choice)}.

            {Table.Of(results)}

            {Table.Aim($"valid keys keep at least {Least:0.00} of their throughput", kept)}

            """;
    }

    private static Contender Contend(string name, Server server, int tokens, string others) => new(name, async time =>
    {
        var good = Plan.WithSeededKeys(server.Address + BareServer.Path, time, tokens) with { Connections = Half, Threads = 1 };
        using var beside = Load.Start(good with { Script = (others, good.Script!.Value.Arguments) });
        var sample = await Load.RunAsync(good);
        var other = await beside.EndAsync();
        if (other.Refused != 0 && other.Refused != other.Requests)
            throw new BenchException($"{name}: {other.Refused} of the other half's {other.Requests} requests were refused, not all or none.");
        return sample with { Broken = sample.Broken + other.Broken };
    });
}
