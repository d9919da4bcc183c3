using System.Diagnostics;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures whether the number of tokens affects throughput, memory and startup.</summary>
internal sealed class CachePart : IPart
{
    private const double MostDifference = 0.05, MostSlower = 2, MostBytes = 300;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    public string Name => "cache";
    public string Title => "Number of tokens";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (few, many) = (Path.Combine(bench.Folder, "few"), Path.Combine(bench.Folder, "many"));
        Bench.Say($"Seeding {bench.Choice.ManyTokens} tokens");
        await Seed.CreateAsync(bench.Portal.Folder, few, Choice.FewTokens);
        await Seed.CreateAsync(bench.Portal.Folder, many, bench.Choice.ManyTokens);
        Bench.Say("Measuring the start");
        var (fewStart, manyStart) = (await StartTimeAsync(bench, few), await StartTimeAsync(bench, many));
        var throughput = await ThroughputAsync(bench, few, many);
        Bench.Say("Measuring memory");
        var memory = await CacheMemory.MeasureAsync(bench.Portal.Folder, many, bench.Choice.ManyTokens);
        return $"""
            {throughput}

            Startup time, from the start of the process to the first `200` for a key (Portal loads tokens on first use):
            {fewStart.TotalSeconds:0.00} s with {Choice.FewTokens:N0} tokens in the database, {manyStart.TotalSeconds:0.00} s with {bench.Choice.ManyTokens:N0}; medians of {bench.Choice.Starts}.

            Memory for {bench.Choice.ManyTokens:N0} tokens, measured as the growth of the managed heap after a full garbage collection, with Portal's cache filled
            from the database: {memory.BytesOfCredential:0} bytes per token in the cache, and {memory.BytesOfSecret:0} bytes per secret in the set of known secrets.

            {Table.Aim($"startup with {bench.Choice.ManyTokens:N0} tokens within {LongestStart.TotalSeconds:0} s", manyStart <= LongestStart)}
            {Table.Aim($"at most {MostBytes:0} bytes per token in total", memory.BytesOfCredential + memory.BytesOfSecret <= MostBytes)}

            """;
    }

    private static async Task<string> ThroughputAsync(Bench bench, string few, string many)
    {
        var choice = bench.Choice;
        await using var small = await bench.Portal.StartAsync(few);
        await using var large = await bench.Portal.StartAsync(many);
        Bench.Say("Loading every token into the cache by a request");
        var time = Stopwatch.StartNew();
        await KeyWalk.RunAsync(new Uri(large.Address + BareServer.Path), choice.ManyTokens, connections: 64);
        var walked = time.Elapsed;
        Bench.Say($"{walked.TotalSeconds:0} s");
        await large.SettleAsync();
        var results = await bench.CompareAsync(
            Contend($"{Choice.FewTokens:N0} tokens", small, Choice.FewTokens),
            Contend($"{choice.ManyTokens:N0} tokens, {Choice.FewTokens:N0} in use", large, Choice.FewTokens),
            Contend($"{choice.ManyTokens:N0} tokens, all in use", large, choice.ManyTokens));
        return $"""
            The same as direct requests, but each request uses the key of a random token that is *in use*. Before the measurement, one request for each of the
            {choice.ManyTokens:N0} tokens loaded it into the cache: {walked.TotalSeconds:0} s, {choice.ManyTokens / walked.TotalSeconds:N0} requests/s. After each round, the benchmark waits until the
            server has been idle for a second. Portal writes the counts of many tokens with pauses, which takes longer, so some of that work happens during the
            measurement. {Page.Circumstances(choice)}.

            {Table.Of(results)}

            {Table.Aim("throughput within 5 % with all tokens loaded and 100 in use", Near(results[1], results[0]))}
            {Table.Aim("throughput within 5 % with all tokens loaded and in use", Near(results[2], results[0]))}
            {Table.Aim("p99 at most twice with all tokens loaded and in use", results[2].Median.P99 <= MostSlower * results[0].Median.P99)}
            """;
    }

    private static Contender Contend(string name, Server server, int tokens) => new(name, async time =>
    {
        var sample = await Load.RunAsync(Plan.WithSeededKeys(server.Address + BareServer.Path, time, tokens));
        await server.SettleAsync();
        return sample;
    });

    private static bool Near(Result result, Result baseline) => Table.ThroughputRatio(result, baseline) >= 1 - MostDifference;

    private static async Task<TimeSpan> StartTimeAsync(Bench bench, string data)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < bench.Choice.Starts; i++)
        {
            var time = Stopwatch.StartNew();
            await using var portal = await bench.Portal.StartAsync(data);
            using var client = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, portal.Address + BareServer.Path);
            // A different key each time, from the middle of the table.
            request.Headers.TryAddWithoutValidation("Authorization", SeededKeys.At(Choice.FewTokens / 2 + i).ToHeaderValue());
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            times.Add(time.Elapsed);
        }

        return times.Order().ElementAt(times.Count / 2);
    }
}
