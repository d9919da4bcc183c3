using System.Diagnostics;
using System.Security.Cryptography;
using Portal.Audit;
using Portal.Bench.Seeds;
using Portal.Bench.Servers;

namespace Portal.Bench.Parts;

/// <summary>Measures pages of an audit log with very many entries.</summary>
internal sealed class AuditPart : IPart
{
    private const double MostMilliseconds = 50;

    /// <summary>The number of calls before the measured ones, which compile the code.</summary>
    private const int WarmUps = 20;

    private static readonly (string Name, Func<DateTime, AuditFilter> Of)[] Filters =
    [
        ("none", _ => new AuditFilter()),
        ("actor", _ => new AuditFilter { ActorId = Actor() }),
        ("token", _ => new AuditFilter { TargetId = Target() }),
        ("action", _ => new AuditFilter { Action = Action() }),
        ("address", _ => new AuditFilter { Address = Address() }),
        ("a week", Week),
        ("actor and action", _ => new AuditFilter { ActorId = Actor(), Action = Action() }),
        ("token and address", _ => new AuditFilter { TargetId = Target(), Address = Address() }),
        ("action, address and a week", start => Week(start) with { Action = Action(), Address = Address() }),
        ("actor, action and a week", start => Week(start) with { ActorId = Actor(), Action = Action() }),
    ];

    public string Name => "audit";
    public string Title => "Audit log";
    public IReadOnlyList<string> Tools => [Postgres.Tool];

    public async Task<string> MeasureAsync(Bench bench)
    {
        var data = Path.Combine(bench.Folder, Name);
        await Seed.CreateAsync(bench.Portal.Folder, data, tokens: 0);
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.AddYears(-1);
        Bench.Say($"Seeding {bench.Choice.ManyTokens} entries");
        await using (var app = await PortalServices.OpenAsync(bench.Portal.Folder, data))
            await AuditSeed.CreateAsync(app.Services, bench.Choice.ManyTokens, start);
        await using var postgres = await Postgres.StartAsync(Path.Combine(bench.Folder, "audit-postgres"));
        Bench.Say("Copying them");
        await postgres.CopyAsync(bench.Portal, data);
        Bench.Say("Reading them");
        var onSqlite = await MeasureAsync(bench, data, start);
        var onPostgres = await MeasureAsync(bench, data, start, postgres.Settings);
        return $"""
            Pages of {AuditReader.PageSize} entries, read by Portal's service for the page *Audit log* from {bench.Choice.ManyTokens:N0} entries: {AuditSeed.Actors:N0} people, {AuditSeed.Targets:N0} tokens,
            {AuditSeed.Addresses:N0} addresses, five actions, a year. The values are random; half of the pages are the newest one, the others are anywhere in the log. {Page.Machine};
            {bench.Choice.AuditPages:N0} pages for each filter. Milliseconds:

            | Filter | SQLite: p50 | p95 | longest | PostgreSQL: p50 | p95 | longest |
            |---|--:|--:|--:|--:|--:|--:|
            {string.Join('\n', Filters.Zip(onSqlite, onPostgres).Select(row => $"| {row.First.Name} | {Row(row.Second)} | {Row(row.Third)} |"))}

            {Table.Aim($"p95 with each filter at most {MostMilliseconds:0} ms", onSqlite.Concat(onPostgres).All(times => At(times, 0.95) <= MostMilliseconds))}

            """;
    }

    /// <returns>The times of each filter, in milliseconds.</returns>
    private static async Task<List<List<double>>> MeasureAsync(Bench bench, string data, DateTime start, params (string Key, string Value)[] settings)
    {
        await using var app = await PortalServices.OpenAsync(bench.Portal.Folder, data, settings);
        var reader = app.Services.GetRequiredService<AuditReader>();
        List<List<double>> all = [];
        foreach (var (_, filterOf) in Filters)
            all.Add(await TimesAsync(reader, () => filterOf(start), () => PlaceIn(start), bench.Choice.AuditPages));
        return all;
    }

    private static string Row(List<double> times) => $"{At(times, 0.5):0.0} | {At(times, 0.95):0.0} | {times.Max():0.0}";

    private static AuditFilter Week(DateTime start)
    {
        var from = start.AddDays(Random(51) * 7);
        return new AuditFilter { From = from, To = from.AddDays(7) };
    }

    private static AuditCursor? PlaceIn(DateTime start) =>
        Random(2) == 0 ? null : new AuditCursor(start.AddSeconds(Random(365 * 24 * 60 * 60)), long.MaxValue);

    private static async Task<List<double>> TimesAsync(AuditReader reader, Func<AuditFilter> filterOf, Func<AuditCursor?> placeOf, int pages)
    {
        List<double> times = [];
        for (var i = -WarmUps; i < pages; i++)
        {
            var (filter, place) = (filterOf(), placeOf());
            var began = Stopwatch.GetTimestamp();
            await reader.ListAsync(Seed.Actor, filter, place);
            if (i >= 0)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return times;
    }

    private static string Actor() => AuditSeed.ActorOf(Random(AuditSeed.Actors));

    private static string Target() => AuditSeed.TargetOf(Random(AuditSeed.Targets));

    private static string Action() => AuditSeed.ActionOf(Random(AuditSeed.Actions));

    private static string Address() => AuditSeed.AddressOf(Random(AuditSeed.Addresses));

    private static int Random(int below) => RandomNumberGenerator.GetInt32(below);

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)(times.Count * share));
}
