using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Measures whether the number of an account's tokens affects changes of a token, and the pages.</summary>
internal sealed class OperationsPart : IPart
{
    private const double MostGrowth = 1.5;

    public string Name => "operations";
    public string Title => "Changes and pages";
    public IReadOnlyList<string> Tools => ["chromium"];

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (few, many) = (Path.Combine(bench.Folder, "operations-few"), Path.Combine(bench.Folder, "operations-many"));
        Bench.Say($"Seeding {bench.Choice.ManyTokens} tokens");
        await SeedAsync(bench, few, Choice.ListTokens);
        await SeedAsync(bench, many, bench.Choice.ManyTokens);
        await using var small = await bench.Portal.StartAsync(few);
        await using var large = await bench.Portal.StartAsync(many);
        var calls = await CompareAsync(small.Address, large.Address, CallAsync, bench.Choice.OperationRounds);
        var pages = await CompareAsync(small.Address, large.Address, VisitAsync, bench.Choice.OperationRounds);
        return $"""
            {Choice.ListTokens:N0} and {bench.Choice.ManyTokens:N0} tokens in the database. {Page.Machine}; medians of {bench.Choice.OperationRounds} alternating rounds,
            after one warm-up round. Calls of the management API over one persistent connection:

            {TableOf(calls, bench.Choice)}

            Pages in Chromium, from the navigation until the page shows its data, or from the last click until the list shows the new status:

            {TableOf(pages, bench.Choice)}

            {Table.Aim($"each takes at most {MostGrowth:0.0} times as long with a million tokens", calls.Concat(pages).All(row => row.Ratio <= MostGrowth))}

            """;
    }

    private static async Task SeedAsync(Bench bench, string data, int tokens)
    {
        await Seed.CreateAsync(bench.Portal.Folder, data, tokens, varied: true);
        await SeededUser.CreateAsync(bench.Portal.Folder, data);
    }

    /// <summary>Measures both in turn; the first round warms up.</summary>
    private static async Task<List<Row>> CompareAsync(
        string few, string many, Func<string, Task<IReadOnlyDictionary<string, double>>> measure, int rounds)
    {
        var (fewTimes, manyTimes) = (new List<IReadOnlyDictionary<string, double>>(), new List<IReadOnlyDictionary<string, double>>());
        for (var round = 0; round <= rounds; round++)
        {
            var (small, large) = (await measure(few), await measure(many));
            if (round == 0)
                continue;
            fewTimes.Add(small);
            manyTimes.Add(large);
        }

        return [.. fewTimes[0].Keys.Select(name => new Row(name, Median(fewTimes, name), Median(manyTimes, name)))];
    }

    private static async Task<IReadOnlyDictionary<string, double>> CallAsync(string address)
    {
        using var calls = new TokenCalls(address);
        return new Dictionary<string, double>(await calls.LiveAsync()) { ["disable 50 in one call"] = await calls.DisableManyAsync() };
    }

    private static async Task<IReadOnlyDictionary<string, double>> VisitAsync(string address)
    {
        using var calls = new TokenCalls(address);
        await using var visits = await PageVisits.SignInAsync(address);
        return await visits.LookAroundAsync(await calls.CreateAsync());
    }

    private static double Median(List<IReadOnlyDictionary<string, double>> times, string name) =>
        times.Select(round => round[name]).Order().ElementAt(times.Count / 2);

    private static string TableOf(List<Row> rows, Choice choice) => $"""
        | | ms with {Choice.ListTokens:N0} | ms with {choice.ManyTokens:N0} | ratio |
        |---|--:|--:|--:|
        {string.Join('\n', rows.Select(row => $"| {row.Name} | {row.Few:0.0} | {row.Many:0.0} | {row.Ratio:0.0} |"))}
        """;

    private sealed record Row(string Name, double Few, double Many)
    {
        public double Ratio => Many / Few;
    }
}
