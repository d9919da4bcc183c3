using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A proxy from the system's packages, run as a process with its own configuration, folder and free port.</summary>
internal sealed class SystemProgram : IAsyncDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

    /// <summary>The address it listens on.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="configure">Writes the configuration into the folder and returns the arguments.</param>
    /// <param name="readyWords">The text that it prints when it listens.</param>
    public static async Task<SystemProgram> StartAsync(
        string name, string package, string readyWords, Func<string, int, Task<string[]>> configure)
    {
        var path = await SystemPackages.RequireAsync(package, name);
        var folder = Directory.CreateTempSubdirectory("portal-test-").FullName;
        for (var attempt = 1; ; attempt++)
        {
            // It can't choose a port itself, and another process may take the free one. In that case, try another port.
            var port = FreePort();
            var program = new SystemProgram(path, folder, await configure(folder, port), readyWords) { Address = new Uri($"http://127.0.0.1:{port}/") };
            program._process.Start();
            program._process.BeginErrorReadLine();
            if (await program._listens.Task.WaitAsync(Patience))
                return program;
            program._process.Dispose();
            var output = string.Join('\n', program._lines);
            if (attempt < Attempts && output.Contains("ddress already in use", StringComparison.Ordinal))
                continue;
            Directory.Delete(folder, recursive: true);
            throw new InvalidOperationException($"{name} does not start:\n{output}");
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
}
