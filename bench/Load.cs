using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Bench;

/// <param name="PerSecond">Answers a second.</param>
/// <param name="P99">The time within which 99 of 100 were answered, in milliseconds.</param>
/// <param name="Errors">Answers that were not 2xx or 3xx, and broken connections.</param>
internal sealed record Sample(double PerSecond, double P99, long Errors);

/// <summary>Drives a server with wrk, a load generator from the system's packages.</summary>
internal static partial class Load
{
    public static async Task<Sample> RunAsync(string url, string? apiKey, TimeSpan time, int connections = 64, string? script = null)
    {
        string[] arguments =
        [
            "-t2", $"-c{connections}", $"-d{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s", "--latency",
            .. apiKey is null ? Array.Empty<string>() : ["-H", $"Authorization: {apiKey}"],
            .. script is null ? Array.Empty<string>() : ["-s", script],
            url,
        ];
        using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("wrk did not start.");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Sample(
            Number(RateLine().Match(output)),
            Number(LatencyLine().Match(output)) * (LatencyLine().Match(output).Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 }),
            Errors(RefusedLine().Match(output)) + Errors(BrokenLine().Match(output)));
    }

    private static double Number(Match match) =>
        match.Success ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : throw new InvalidDataException("wrk's answer cannot be read.");

    private static long Errors(Match match) =>
        match.Groups.Values.Skip(1).Sum(group => group.Success ? long.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0);

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex RateLine();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex LatencyLine();

    [GeneratedRegex("Non-2xx or 3xx responses: ([0-9]+)")]
    private static partial Regex RefusedLine();

    [GeneratedRegex("Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)")]
    private static partial Regex BrokenLine();
}
