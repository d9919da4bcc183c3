using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Support;

/// <summary>A process that serves requests and takes tokens through three steps until it is killed. It confirms each step when the service has
/// returned.</summary>
internal sealed class TokenChangingProcess : IAsyncDisposable
{
    private const string FolderVariable = "PORTAL_TEST_FOLDER", PortVariable = "PORTAL_TEST_PORT";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Process _process;
    private StreamReader? _confirmations;

    private TokenChangingProcess(string folder)
    {
        _listener.Start();
        var start = new ProcessStartInfo("dotnet", [typeof(TokenChangingProcess).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment[FolderVariable] = folder;
        start.Environment[PortVariable] = ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start)!;
    }

    /// <summary>Whether the current process is that process instead of a test run.</summary>
    public static bool IsThis => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 };

    /// <summary>The address it listens on.</summary>
    public string Address { get; private set; } = "";

    /// <summary>A key whose token it doesn't change.</summary>
    public string Key { get; private set; } = "";

    public static async Task<TokenChangingProcess> StartAsync(string folder)
    {
        var started = new TokenChangingProcess(folder);
        var client = await started._listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        started._confirmations = new StreamReader(client.GetStream());
        started.Address = (await started.ReadAsync())!;
        started.Key = (await started.ReadAsync())!;
        return started;
    }

    /// <summary>Collects some confirmations. The process goes on.</summary>
    /// <returns>As <see cref="KillAsync"/>.</returns>
    public async Task<Dictionary<string, int>> ConfirmedAsync(int count)
    {
        var confirmed = new Dictionary<string, int>();
        while (count-- > 0)
        {
            var line = (await ReadAsync())!;
            confirmed[line[2..]] = line[0] - '0';
        }

        return confirmed;
    }

    /// <summary>Collects confirmations, and kills the process.</summary>
    /// <param name="when">Completes when the process is to be killed.</param>
    /// <returns>The last confirmed step of each key: 1 created, 2 disabled, 3 deleted.</returns>
    public async Task<Dictionary<string, int>> KillAsync(Task when)
    {
        var killed = when.ContinueWith(_ => _process.Kill(), TaskScheduler.Default);
        var confirmed = new Dictionary<string, int>();
        while (await ReadAsync() is { } line)
            confirmed[line[2..]] = line[0] - '0';
        Assert.True(when.IsCompletedSuccessfully, $"it ended by itself after {confirmed.Count} tokens");
        await killed;
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return confirmed;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _confirmations?.Dispose();
        _listener.Dispose();
    }

    /// <summary>The main method of that process.</summary>
    public static async Task RunAsync()
    {
        var port = int.Parse(Environment.GetEnvironmentVariable(PortVariable)!, CultureInfo.InvariantCulture);
        await using var portal = new PortalHost("Development", null, Environment.GetEnvironmentVariable(FolderVariable), builder =>
            builder.ConfigureServices(services => services.AddKeyedSingleton(Portal.Data.MonotonicClock.SystemClock, TimeProvider.System)));
        await portal.InitializeAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var confirm = new StreamWriter(client.GetStream()) { AutoFlush = true };
        await confirm.WriteLineAsync(portal.Address.ToString());
        await confirm.WriteLineAsync((await portal.CreateTokenAsync()).ToHeaderValue());
        while (true)
        {
            var key = await portal.CreateTokenAsync();
            await confirm.WriteLineAsync($"1 {key.ToHeaderValue()}");
            await portal.DisableAsync(key);
            await confirm.WriteLineAsync($"2 {key.ToHeaderValue()}");
            await portal.DeleteAsync(key);
            await confirm.WriteLineAsync($"3 {key.ToHeaderValue()}");
        }
    }

    private async Task<string?> ReadAsync()
    {
        try
        {
            return await _confirmations!.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            // A killed process's output ends like this.
            return null;
        }
    }
}
