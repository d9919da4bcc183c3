using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Whether those with right keys suffer when others send bad ones.</summary>
internal sealed class FloodPart : IPart
{
    /// <summary>Less than 1 by what rounds differ from each other.</summary>
    private const double Least = 0.95;

    private const int Half = 32;

    public string Name => "flood";
    public string Title => "A flood of bad keys";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (limited, unlimited) = (Path.Combine(bench.Folder, "limited"), Path.Combine(bench.Folder, "unlimited"));
        await Seed.CreateAsync(bench.Portal.Folder, limited, Choice.FewTokens);
        await Seed.CreateAsync(bench.Portal.Folder, unlimited, Choice.FewTokens);
        await using var portal = await bench.Portal.StartAsync(limited);
        await using var patient = await bench.Portal.StartAsync(unlimited, ("Tokens:FailedVerifications", ""));
        var results = await bench.CompareAsync(
            Contend("both halves good", portal, Choice.FewTokens, "good-keys.lua"),
            Contend("one half bad", portal, Choice.FewTokens, "bad-keys.lua"),
            Contend("one half bad, any number allowed", patient, Choice.FewTokens, "bad-keys.lua"));
        var kept = results.Skip(1).All(result => Table.ThroughputRatio(result, results[0]) >= Least);
        return $"""
            {Half} connections with right keys, and beside them {Half} that send right ones too, or bad ones as fast as they can: handles that
            nobody has, a new one each time; handles that there are, with a wrong secret; and what is no key. All come from one address: it
            is soon past `Tokens:FailedVerifications` and gets `429` for every bad key; in the last row any number is allowed, and each
            gets `401`. The figures are those of the first half. {Page.Circumstances(bench.Choice)}.

            {Table.Of(results)}

            {Table.Aim($"right keys keep at least {Least:0.00} of their half", kept)}

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
