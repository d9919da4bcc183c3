using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>Finds system programs that tests need: on the PATH, or installed from packages if the tests run as root on Debian or Ubuntu.</summary>
internal static class SystemPackages
{
    private const string PostgresVersions = "/usr/lib/postgresql";

    /// <summary>Packages are installed one after the other: the package manager refuses to run twice.</summary>
    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <param name="package">The package with the program.</param>
    /// <param name="names">The possible names of the program.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="InvalidOperationException">It isn't installed and can't be.</exception>
    public static async Task<string> RequireAsync(string package, params string[] names)
    {
        if (Find(names) is { } found)
            return found;
        await Installing.WaitAsync();
        try
        {
            if (Find(names) is null && OperatingSystem.IsLinux() && Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
            {
                await RunAsync("apt-get", "update", "-qq");
                await RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", package);
            }
        }
        finally
        {
            Installing.Release();
        }

        return Find(names) ?? throw new InvalidOperationException(
            $"These tests need {package}, and none of {string.Join(", ", names)} is on the PATH. "
            + $"Install it (Debian and Ubuntu: sudo apt-get install {package}), then run the tests again.");
    }

    private static string? Find(string[] names) =>
        $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin".Split(Path.PathSeparator).Concat(PostgresFolders())
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Debian's package puts the programs of each version into a folder that isn't on the PATH.</summary>
    private static IEnumerable<string> PostgresFolders() => Directory.Exists(PostgresVersions)
        ? Directory.GetDirectories(PostgresVersions).OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
        : [];

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // A server's package starts it as a system service, unless this run level prevents it.
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" },
        })!;
        // Read to the end, because the program blocks if its output isn't read.
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }
}
