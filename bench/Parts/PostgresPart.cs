using System.Diagnostics;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures requests with keys on PostgreSQL, compared with SQLite.</summary>
internal sealed class PostgresPart : IPart
{
    private const double Least = 0.97, LeastFromDatabase = 5_000;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(3);

    public string Name => "postgres";
    public string Title => "PostgreSQL";
    public IReadOnlyList<string> Tools => [Postgres.Tool];

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (choice, data, node) = (bench.Choice, Path.Combine(bench.Folder, "postgres-source"), Path.Combine(bench.Folder, "postgres-node"));
        var tokens = choice.ManyTokens / 10;
        Bench.Say($"Seeding {tokens} tokens");
        await Seed.CreateAsync(bench.Portal.Folder, data, tokens);
        await using var postgres = await Postgres.StartAsync(Path.Combine(bench.Folder, "postgres"));
        Bench.Say("Copying them");
        await postgres.CopyAsync(bench.Portal, data);
        Bench.Say("Measuring the start, and keys that aren't in memory");
        var (starts, rates) = (new List<TimeSpan>(), new List<double>());
        for (var i = 0; i < choice.Starts; i++)
        {
            var (start, rate) = await MeasureNewNodeAsync(bench, postgres, node, tokens, i);
            starts.Add(start);
            rates.Add(rate);
        }

        var (typicalStart, typicalRate) = (starts.Order().ElementAt(starts.Count / 2), rates.Order().ElementAt(rates.Count / 2));
        await using var onSqlite = await bench.Portal.StartAsync(data);
        await using var onPostgres = await bench.Portal.StartAsync(node, postgres.Settings);
        var key = SeededKeys.At(0).ToHeaderValue();
        var results = await bench.CompareAsync(
            new("Portal on SQLite", onSqlite, BareServer.Path, key), new("Portal on PostgreSQL", onPostgres, BareServer.Path, key));
        return $"""
            The same as direct requests, with a key in memory. Portal, PostgreSQL and the load generator share the processors.
            {Page.Circumstances(choice)}.

            {Table.Of(results)}

            A node that joins accepts its first key {typicalStart.TotalSeconds:0.00} s after its process started. When it is warm, {choice.RoundTime.TotalSeconds:0} s of requests with random keys
            of {tokens:N0} tokens, most of which it reads from PostgreSQL, reach {typicalRate:N0} requests/s. Medians of {choice.Starts} starts.

            {Table.Aim($"at least {Least:0.00} of the throughput on SQLite", Table.ThroughputRatio(results[1], results[0]) >= Least)}
            {Table.Aim($"at least {LeastFromDatabase:N0} requests/s with keys that aren't in memory", typicalRate >= LeastFromDatabase)}
            {Table.Aim($"a node that joins serves within {LongestStart.TotalSeconds:0} s", typicalStart <= LongestStart)}

            """;
    }

    /// <returns>The time until the first response, and the requests per second with keys that aren't in memory.</returns>
    private static async Task<(TimeSpan Start, double Rate)> MeasureNewNodeAsync(Bench bench, Postgres postgres, string node, int tokens, int round)
    {
        var time = Stopwatch.StartNew();
        await using var portal = await bench.Portal.StartAsync(node, postgres.Settings);
        var address = portal.Address + BareServer.Path;
        using (var client = new HttpClient())
        using (var request = new HttpRequestMessage(HttpMethod.Get, address))
        {
            request.Headers.TryAddWithoutValidation("Authorization", SeededKeys.At(tokens / 2 + round).ToHeaderValue());
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }

        var start = time.Elapsed;
        for (var i = 0; i < bench.Choice.WarmUps; i++)
            await Load.RunAsync(Plan.WithSeededKeys(address, bench.Choice.RoundTime, Choice.FewTokens));
        var sample = await Load.RunAsync(Plan.WithSeededKeys(address, bench.Choice.RoundTime, tokens));
        return (start, sample.PerSecond);
    }
}
