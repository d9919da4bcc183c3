using System.Diagnostics;
using Portal.Bench.Parts;

namespace Portal.Bench;

/// <summary>Finds programs of the system.</summary>
internal static class Tools
{
    private const string Wrk = "wrk", Packaged = "/usr/lib/postgresql";

    /// <summary>Folders of administrators' programs, which may not be in the path.</summary>
    private static readonly string[] AlsoIn =
        ["/usr/local/sbin", "/usr/sbin", "/sbin", .. Directory.Exists(Packaged) ? Directory.GetDirectories(Packaged).Order().Reverse().Select(version => Path.Combine(version, "bin")) : []];

    /// <exception cref="BenchException">A program is missing.</exception>
    public static void Require(IEnumerable<IPart> parts)
    {
        string[] missing = [.. parts.SelectMany(part => part.Tools).Prepend(Wrk).Distinct().Where(tool => Find(tool) is null)];
        if (missing.Length > 0)
            throw new BenchException($"Missing: {string.Join(", ", missing)}. On Debian and Ubuntu: apt-get install -y wrk nginx-light chromium postgresql");
    }

    /// <summary>Null if it isn't installed.</summary>
    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(AlsoIn)
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="BenchException">It failed.</exception>
    public static async Task RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start) ?? throw new BenchException($"{start.FileName} did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BenchException($"{start.FileName} failed:\n{output}\n{await errors}");
    }
}
