using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Portal.Bench.Servers;

/// <summary>A server under measurement, in its own process.</summary>
internal sealed partial class Server : IAsyncDisposable
{
    private static readonly TimeSpan
        Patience = TimeSpan.FromSeconds(60), BetweenTries = TimeSpan.FromMilliseconds(20), BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly string _name;

    private Server(Process process, string name) => (_process, _name) = (process, name);

    /// <summary>Such as <c>http://127.0.0.1:40321</c>.</summary>
    public string Address { get; private set; } = "";

    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>Starts a .NET program and waits until it reports its address.</summary>
    public static async Task<Server> StartAsync(
        string name, string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
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
        process.Exited += (_, _) => listening.TrySetException(new BenchException($"{name} ended before it listened."));
        process.Start();
        process.BeginOutputReadLine();
        var server = new Server(process, name);
        return await server.ReadyAsync(async () => server.Address = await listening.Task.WaitAsync(Patience));
    }

    /// <summary>Starts any program and waits until its address accepts connections.</summary>
    public static Task<Server> StartAsync(string name, ProcessStartInfo start, Uri address)
    {
        var process = Process.Start(start) ?? throw new BenchException($"{name} did not start.");
        var server = new Server(process, name) { Address = address.GetLeftPart(UriPartial.Authority) };
        return server.ReadyAsync(async () =>
        {
            using var giveUp = new CancellationTokenSource(Patience);
            while (!await server.ListensAsync(address))
                await Task.Delay(BetweenTries, giveUp.Token);
        });
    }

    /// <summary>Waits until it has been nearly idle for a second.</summary>
    public async Task SettleAsync()
    {
        for (var before = Used(); ; before = Used())
        {
            await Task.Delay(BetweenLooks);
            if (Used() - before < BetweenLooks / 20)
                return;
        }

        TimeSpan Used()
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Requests a stop, so that its child processes stop too, and waits until it has stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            using (var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
                await terminate.WaitForExitAsync();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Bench.Say($"{_name} did not stop and is ended.");
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<Server> ReadyAsync(Func<Task> wait)
    {
        try
        {
            await wait();
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<bool> ListensAsync(Uri address)
    {
        if (_process.HasExited)
            throw new BenchException($"{_name} ended before it listened.");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();
}
