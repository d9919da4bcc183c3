using System.Globalization;

namespace Portal.Bench;

/// <summary>Measures Portal and its baselines in the same run, in turns, so that what else the machine does meets all alike.</summary>
internal static class Comparison
{
    private const int Rounds = 5;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync()
    {
        using var portal = await SeededPortal.PrepareAsync();
        await using var bare = await Server.StartAsync("Bare Kestrel", typeof(Comparison).Assembly.Location, ["bare", "http://127.0.0.1:0"]);
        await using var direct = await portal.StartAsync();
        (Server Server, string? Key)[] all = [(bare, null), (direct, portal.ApiKey)];
        var samples = all.ToDictionary(entry => entry.Server, _ => new List<Sample>());
        for (var round = 0; round <= Rounds; round++)
            foreach (var (server, key) in all)
            {
                var sample = await Load.RunAsync(server.Address + BareServer.Path, key, RoundTime);
                if (sample.Errors > 0)
                    throw new InvalidOperationException($"{server.Name} failed {sample.Errors} requests: the figures would mean nothing.");
                // The first round warms up: code is compiled, connections and credentials are fetched.
                if (round > 0)
                    samples[server].Add(sample);
            }

        await ReportAsync([.. all.Select(entry => (entry.Server.Name, Median(samples[entry.Server])))]);
        return 0;
    }

    private static Sample Median(List<Sample> samples) => new(
        samples.Select(sample => sample.PerSecond).Order().ElementAt(samples.Count / 2), samples.Select(sample => sample.P99).Order().ElementAt(samples.Count / 2), 0);

    private static async Task ReportAsync((string Name, Sample Median)[] results)
    {
        var baseline = results[0].Median;
        var rows = results.Select(result => string.Create(CultureInfo.InvariantCulture,
            $"| {result.Name} | {result.Median.PerSecond:N0} | {result.Median.PerSecond / baseline.PerSecond:0.00} | {result.Median.P99:0.00} | {result.Median.P99 / baseline.P99:0.00} |"));
        var page = $"""
            # Performance

            What Portal's checks cost, next to a server that checks nothing. `dotnet run -c Release --project bench` measures it anew and
            writes this page; it needs `wrk`. Server and load generator share the machine, so the ratios say more than the figures.

            ## A request that Portal answers itself

            Key verified, token's state, module and path checked, answer counted; 64 connections, the same bytes in the answer, medians of
            {Rounds} rounds of {RoundTime.TotalSeconds:0} s in turns, on {Environment.ProcessorCount} processors, {DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime):yyyy-MM-dd}.

            | | requests/s | of {results[0].Name} | p99, ms | of {results[0].Name} |
            |---|--:|--:|--:|--:|
            {string.Join('\n', rows)}

            """;
        Console.WriteLine(page);
        await File.WriteAllTextAsync(Path.Combine(SeededPortal.SourceRoot, "docs", "performance.md"), page);
    }
}
