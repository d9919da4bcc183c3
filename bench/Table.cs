namespace Portal.Bench;

/// <summary>Formats figures for the page.</summary>
internal static class Table
{
    /// <summary>Formats throughput and latency of each result, and the throughput relative to the first one's.</summary>
    public static string Of(IReadOnlyList<Result> results)
    {
        var baseline = results[0];
        var rows = results.Select(result =>
            $"| {result.Name} | {result.Median.PerSecond:N0} | {ThroughputRatio(result, baseline):0.00} " +
            $"| {result.Median.P99:0.00} | {LatencyRatio(result, baseline):0.00} |");
        return $"""
            | | requests/s | relative to {baseline.Name} | p99, ms | relative to {baseline.Name} |
            |---|--:|--:|--:|--:|
            {string.Join('\n', rows)}
            """;
    }

    public static double ThroughputRatio(Result result, Result baseline) => result.Median.PerSecond / baseline.Median.PerSecond;

    public static double LatencyRatio(Result result, Result baseline) => result.Median.P99 / baseline.Median.P99;

    /// <summary>Formats a goal and whether it was reached.</summary>
    public static string Aim(string aim, bool reached) => $"- {aim}: {(reached ? "met" : "**missed**")}";
}
