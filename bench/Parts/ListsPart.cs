using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Measures whether the number of an account's tokens affects lists of them.</summary>
internal sealed class ListsPart : IPart
{
    private const double MostGrowth = 1.5;

    public string Name => "lists";
    public string Title => "List queries";

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (few, many) = (Path.Combine(bench.Folder, "lists-few"), Path.Combine(bench.Folder, "lists-many"));
        Bench.Say($"Seeding {bench.Choice.ManyTokens} tokens");
        await Seed.CreateAsync(bench.Portal.Folder, few, Choice.ListTokens, varied: true);
        await Seed.CreateAsync(bench.Portal.Folder, many, bench.Choice.ManyTokens, varied: true);
        await using var small = await bench.Portal.StartAsync(few);
        await using var large = await bench.Portal.StartAsync(many);
        using var fewCalls = new ListCalls(small.Address);
        using var manyCalls = new ListCalls(large.Address);
        var rows = await ListComparison.MeasureAsync(ListQuestion.For(TimeProvider.System.GetUtcNow().UtcDateTime), fewCalls, manyCalls, bench.Choice);
        var bound = rows.Where(row => row.Question.IsBound).ToList();
        return $"""
            `GET /public/v1/auth/tokens` over one persistent connection, with {Choice.ListTokens:N0} and {bench.Choice.ManyTokens:N0} tokens in the database that differ in name, dates,
            status, extension and modules; 20 tokens per page unless stated otherwise. {Page.Machine}; medians of {bench.Choice.ListRounds} alternating calls.
            *First* is the first call with a million tokens, when Portal counts the matches and reads some of the data from disk. It then caches the count
            until a token of the account changes or, if the filter depends on time, a key expires.

            | Query | matches | ms with {Choice.ListTokens:N0} | ms with {bench.Choice.ManyTokens:N0} | ratio | first, ms |
            |---|--:|--:|--:|--:|--:|
            {string.Join('\n', rows)}

            No index helps the queries in italics: the database reads every token, or every row before the page.

            {Table.Aim($"pages with filters on indexed properties take at most {MostGrowth:0.0} times as long with a million tokens", bound.TrueForAll(row => row.Ratio <= MostGrowth))}

            """;
    }
}
