using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A proxy of the system's packages, run as a process with a configuration and a folder of its own, on a free port.
/// Where it is not installed and root can, it is.</summary>
internal sealed class SystemProgram : IAsyncDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SemaphoreSlim Installing = new(1, 1);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<bool> _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SystemProgram(string path, string folder, string[] arguments, string readyWords)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["HOME"] = start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = folder;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            _lines.Enqueue(line.Data ?? "");
            if (line.Data?.Contains(readyWords, StringComparison.Ordinal) == true)
                _listens.TrySetResult(true);
            else if (line.Data is null)
                _listens.TrySetResult(false);
        };
        Folder = folder;
    }

    public string Folder { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="configure">Writes what it needs into the folder and gives its arguments.</param>
    /// <param name="readyWords">What it says as soon as it listens.</param>
    public static async Task<SystemProgram> StartAsync(
        string name, string package, string readyWords, Func<string, int, Task<string[]>> configure)
    {
        var path = Find(name) ?? await InstallAsync(name, package);
        var folder = Directory.CreateTempSubdirectory("portal-test-").FullName;
        for (var attempt = 1; ; attempt++)
        {
            // It cannot be told to choose a port itself, and another may take the free one: then there is another one.
            var port = FreePort();
            var program = new SystemProgram(path, folder, await configure(folder, port), readyWords) { Address = new Uri($"http://127.0.0.1:{port}/") };
            program._process.Start();
            program._process.BeginErrorReadLine();
            if (await program._listens.Task.WaitAsync(Patience))
                return program;
            var output = string.Join('\n', program._lines);
            if (attempt == Attempts || !output.Contains("ddress already in use", StringComparison.Ordinal))
                throw new InvalidOperationException($"{name} does not start:\n{output}");
            program._process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static async Task<string> InstallAsync(string name, string package)
    {
        await Installing.WaitAsync();
        try
        {
            if (Find(name) is null && OperatingSystem.IsLinux() && Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
            {
                await RunAsync("apt-get", "update", "-qq");
                await RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", package);
            }
        }
        finally
        {
            Installing.Release();
        }

        return Find(name) ?? throw new InvalidOperationException(
            $"These tests need {name}, and it is not there. Install it (Debian and Ubuntu: sudo apt-get install {package}), then run the tests again.");
    }

    /// <remarks>Where the package would start a service of its own, this run level asks it not to.</remarks>
    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" },
        })!;
        // Read to the end, or the program waits for somebody to do so.
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }
}
