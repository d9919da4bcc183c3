using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures lists of many tokens on PostgreSQL, compared with SQLite.</summary>
internal sealed class PostgresListsPart : IPart
{
    private const double MostGrowth = 1.5, MostMilliseconds = 5;

    public string Name => "postgres-lists";
    public string Title => "List queries on PostgreSQL";
    public IReadOnlyList<string> Tools => [Postgres.Tool];

    public async Task<string> MeasureAsync(Bench bench)
    {
        var (tokens, data) = (bench.Choice.ManyTokens, Path.Combine(bench.Folder, "lists-source"));
        Bench.Say($"Seeding {tokens} tokens");
        await Seed.CreateAsync(bench.Portal.Folder, data, tokens, varied: true);
        await using var postgres = await Postgres.StartAsync(Path.Combine(bench.Folder, "postgres-lists"));
        Bench.Say("Copying them");
        await postgres.CopyAsync(bench.Portal, data);
        await using var onSqlite = await bench.Portal.StartAsync(data);
        await using var onPostgres = await bench.Portal.StartAsync(Path.Combine(bench.Folder, "lists-node"), postgres.Settings);
        using var sqliteCalls = new ListCalls(onSqlite.Address);
        using var postgresCalls = new ListCalls(onPostgres.Address);
        var rows = await ListComparison.MeasureAsync(ListQuestion.For(TimeProvider.System.GetUtcNow().UtcDateTime), sqliteCalls, postgresCalls, bench.Choice);
        var bound = rows.Where(row => row.Question.IsBound).ToList();
        return $"""
            The same as list queries, with {tokens:N0} tokens in both databases. {Page.Machine}; medians of {bench.Choice.ListRounds} alternating calls.

            | Query | matches | ms on SQLite | ms on PostgreSQL | ratio | first, ms |
            |---|--:|--:|--:|--:|--:|
            {string.Join('\n', rows)}

            {Table.Aim($"pages with filters on indexed properties take at most {MostGrowth:0.0} times as long as on SQLite, or {MostMilliseconds:0} ms longer", bound.TrueForAll(row => row.Ratio <= MostGrowth || row.Second - row.First <= MostMilliseconds))}

            """;
    }
}
