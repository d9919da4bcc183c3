using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Bench;

/// <param name="Requests">How many were answered.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P99">The time within which 99 of 100 were answered, in milliseconds.</param>
/// <param name="Refused">Answers that were not 2xx or 3xx.</param>
/// <param name="Broken">Connections that failed, and requests that were not answered in time.</param>
internal sealed record Sample(long Requests, double PerSecond, double P99, long Refused, long Broken)
{
    public static Sample Median(IReadOnlyCollection<Sample> samples) =>
        new(MedianOf(samples, it => it.Requests), MedianOf(samples, it => it.PerSecond), MedianOf(samples, it => it.P99), 0, 0);

    private static T MedianOf<T>(IReadOnlyCollection<Sample> samples, Func<Sample, T> figure) =>
        samples.Select(figure).Order().ElementAt(samples.Count / 2);
}

/// <summary>How a server is to be driven.</summary>
internal sealed record Plan(string Url, TimeSpan Time)
{
    public int Connections { get; init; } = 64;
    public int Threads { get; init; } = 2;

    /// <summary>Sent with each request; null: none.</summary>
    public string? Key { get; init; }

    /// <summary>Makes the requests: a file in <c>scripts</c>, and what it is told; null: all are alike.</summary>
    public (string File, string[] Arguments)? Script { get; init; }

    /// <summary>With keys of seeded tokens, picked at random.</summary>
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

/// <summary>Drives a server with wrk, a load generator from the system's packages.</summary>
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

    /// <summary>Ends it before its time.</summary>
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
