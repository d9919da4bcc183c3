using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Bench;

/// <param name="Requests">The number of responses.</param>
/// <param name="PerSecond">Responses per second.</param>
/// <param name="P99">The 99th percentile of the response time, in milliseconds.</param>
/// <param name="Refused">Responses that weren't 2xx or 3xx.</param>
/// <param name="Broken">Failed connections, and requests that timed out.</param>
internal sealed record Sample(long Requests, double PerSecond, double P99, long Refused, long Broken)
{
    public static Sample Median(IReadOnlyCollection<Sample> samples) =>
        new(MedianOf(samples, it => it.Requests), MedianOf(samples, it => it.PerSecond), MedianOf(samples, it => it.P99), 0, 0);

    private static T MedianOf<T>(IReadOnlyCollection<Sample> samples, Func<Sample, T> figure) =>
        samples.Select(figure).Order().ElementAt(samples.Count / 2);
}

/// <summary>The load for a server.</summary>
internal sealed record Plan(string Url, TimeSpan Time)
{
    public int Connections { get; init; } = 64;
    public int Threads { get; init; } = 2;

    /// <summary>The key that is sent with each request; null if there is none.</summary>
    public string? Key { get; init; }

    /// <summary>The script that creates the requests: a file in <c>scripts</c> and its arguments; null if all are the same.</summary>
    public (string File, string[] Arguments)? Script { get; init; }

    /// <summary>Uses the keys of seeded tokens, picked at random.</summary>
    public static Plan WithSeededKeys(string url, TimeSpan time, int tokens) => new(url, time) { Script = ("good-keys.lua", [Text(tokens)]) };

    public IEnumerable<string> ToArguments() =>
    [
        $"-t{Threads}", $"-c{Connections}", $"-d{Text(Time.TotalSeconds)}s", "--latency",
        .. Key is null ? Array.Empty<string>() : ["-H", $"Authorization: {Key}"],
        .. Script is null ? Array.Empty<string>() : ["-s", Path.Combine(AppContext.BaseDirectory, "scripts", Script.Value.File)],
        Url,
        .. Script is null ? Array.Empty<string>() : ["--", .. Script.Value.Arguments],
    ];

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Generates load with wrk, a load generator from the system's packages.</summary>
internal sealed partial class Load : IDisposable
{
    private readonly Process _process;

    private Load(Process process) => _process = process;

    public static async Task<Sample> RunAsync(Plan plan)
    {
        using var load = Start(plan);
        return await load.EndAsync();
    }

    public static Load Start(Plan plan)
    {
        var start = new ProcessStartInfo("wrk", plan.ToArguments()) { RedirectStandardOutput = true };
        return new Load(Process.Start(start) ?? throw new BenchException("wrk did not start."));
    }

    /// <summary>Stops it early.</summary>
    public async Task<Sample> StopAsync()
    {
        using (var interrupt = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await interrupt.WaitForExitAsync();
        return await EndAsync();
    }

    public async Task<Sample> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        var p99 = LatencyLine().Match(output);
        return new Sample(
            (long)Number(TotalLine().Match(output)),
            Number(RateLine().Match(output)),
            Number(p99) * (p99.Groups[2].Value switch { "us" => 0.001, "ms" => 1, "s" => 1_000, _ => 60_000 }),
            Errors(RefusedLine().Match(output)),
            Errors(BrokenLine().Match(output)));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static double Number(Match match) =>
        match.Success
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new BenchException("wrk's answer cannot be read.");

    private static long Errors(Match match) =>
        match.Groups.Values.Skip(1).Sum(group => group.Success ? long.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0);

    [GeneratedRegex("([0-9]+) requests in")]
    private static partial Regex TotalLine();

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex RateLine();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s|m)")]
    private static partial Regex LatencyLine();

    [GeneratedRegex("Non-2xx or 3xx responses: ([0-9]+)")]
    private static partial Regex RefusedLine();

    [GeneratedRegex("Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)")]
    private static partial Regex BrokenLine();
}
