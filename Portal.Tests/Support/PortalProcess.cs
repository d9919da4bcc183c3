using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Portal.Tests.Support;

/// <summary>Portal as a real process on a free port with its own data directory.</summary>
internal sealed partial class PortalProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _ownDirectory;

    private event Action<string>? Heard;

    private PortalProcess(string? dataDirectory, string[] args, IReadOnlyDictionary<string, string>? environment, string[]? launcher = null)
    {
        if (dataDirectory is null)
            dataDirectory = _ownDirectory = Directory.CreateTempSubdirectory("portal-test-").FullName;
        DataDirectory = dataDirectory;
        string[] command = [.. launcher ?? [], "dotnet", Built.PortalProgram, "--urls", "http://127.0.0.1:0", .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Portal__DataDirectory"] = dataDirectory;
        // Recompiling code is only worthwhile in processes that live longer than these.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        // A run of the tests takes longer than the ten minutes after which Portal asks again.
        start.Environment["Sessions__ProofMinutes"] = "1440";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("Portal ended before it listened:\n" + Output));
    }

    public string DataDirectory { get; }

    /// <summary>The output so far, both standard output and error.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>The address it listens on, such as <c>http://127.0.0.1:40321</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The setup code that a Portal without users prints.</summary>
    public string SetupCode => SetupCodeLine().Match(Output).Groups[1].Value;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<PortalProcess> StartAsync(
        string? dataDirectory = null, string[]? args = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var portal = new PortalProcess(dataDirectory, args ?? [], environment);
        if (dataDirectory is null && args?.Contains("--demo") != true)
            await MigratedDatabase.CopyToAsync(portal.DataDirectory);
        portal.Run();
        portal.Address = await portal._address.Task.WaitAsync(Patience);
        return portal;
    }

    /// <summary>Starts it and waits until it has ended by itself.</summary>
    /// <param name="launcher">A program with arguments that starts it, for example with fewer privileges; null to start it directly.</param>
    /// <returns>The exit code and the output.</returns>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(
        string? dataDirectory = null, string[]? args = null, IReadOnlyDictionary<string, string>? environment = null, string[]? launcher = null)
    {
        await using var portal = new PortalProcess(dataDirectory, args ?? [], environment, launcher);
        // The process is expected to end without listening.
        _ = portal._address.Task.ContinueWith(task => task.Exception, TaskScheduler.Default);
        portal.Run();
        await portal._process.WaitForExitAsync().WaitAsync(Patience);
        return (portal._process.ExitCode, portal.Output);
    }

    /// <summary>Waits until it has printed the text.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(string line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                heard.TrySetResult();
        }

        Heard += Look;
        try
        {
            Look(Output);
            await heard.Task.WaitAsync(Patience);
        }
        finally
        {
            Heard -= Look;
        }
    }

    /// <summary>Kills it, as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Requests a stop, as a service manager does, and waits until it has stopped.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            return;
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Freezes it: it keeps its connections and answers nothing until <see cref="ResumeAsync"/>.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        if (_ownDirectory is not null)
            Directory.Delete(_ownDirectory, recursive: true);
    }

    private void Run()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        Heard?.Invoke(line);
        if (ListeningLine().Match(line) is { Success: true } listening)
            _address.TrySetResult(listening.Groups[1].Value);
    }

    [GeneratedRegex(@"Now listening on: (http://[^\s""]+)")]
    private static partial Regex ListeningLine();

    [GeneratedRegex(@"Setup code: (\S+)")]
    private static partial Regex SetupCodeLine();
}
