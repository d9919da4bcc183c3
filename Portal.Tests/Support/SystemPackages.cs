using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>Programs that tests need of the system: found on the PATH, or installed from its packages where the tests run as
/// root on Debian or Ubuntu.</summary>
internal static class SystemPackages
{
    /// <summary>Packages are installed one after the other: the package manager refuses to run twice.</summary>
    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <param name="package">The one that brings the program.</param>
    /// <param name="names">What the program may be called.</param>
    /// <returns>Where it lies.</returns>
    /// <exception cref="InvalidOperationException">It is not there, and cannot be installed from here.</exception>
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
                await RunAsync("apt-get", "install", "-y", "-qq", package);
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
        $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin".Split(Path.PathSeparator)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // A server's package starts it as a service of the system, unless this run level asks it not to.
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" },
        })!;
        // Read to the end, or the program waits for somebody to do so.
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }
}
