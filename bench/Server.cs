using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Portal.Bench;

/// <summary>A server under measurement, as a process of its own.</summary>
internal sealed partial class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, string name, string address) => (_process, Name, Address) = (process, name, address);

    public string Name { get; }
    public string Address { get; }

    /// <summary>Starts a .NET program and waits until it says where it listens.</summary>
    public static async Task<Server> StartAsync(string name, string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) =>
        {
            if (ListeningLine().Match(line.Data ?? "") is { Success: true } match)
                listening.TrySetResult(match.Groups[1].Value);
        };
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"{name} ended before it listened."));
        process.Start();
        process.BeginOutputReadLine();
        return new Server(process, name, await listening.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();
}
