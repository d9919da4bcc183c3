using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>A Redis server in its own folder, which can be killed and started again. It listens on a socket in the folder.</summary>
internal sealed class TestRedis : IAsyncDisposable
{
    /// <summary>Added to a connection string so that a busy machine doesn't fail a test.</summary>
    public const string Patient = ",connectTimeout=20000,asyncTimeout=20000";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _folder = new();
    private readonly string _program;
    private Process? _process;

    private TestRedis(string program) => _program = program;

    /// <summary>The connection string.</summary>
    public string Connection => $"!{Socket}{Patient}";

    private string Socket => Path.Combine(_folder.Path, "redis.sock");

    public static async Task<TestRedis> StartAsync()
    {
        var redis = new TestRedis(await SystemPackages.RequireAsync("redis-server", "redis-server"));
        await redis.RestartAsync();
        return redis;
    }

    /// <summary>Starts it with no data, and waits until it listens.</summary>
    /// <param name="options">Further options.</param>
    public async Task RestartAsync(params string[] options)
    {
        _process = Process.Start(new ProcessStartInfo(_program, ["--port", "0", "--unixsocket", Socket, "--save", "", "--dir", _folder.Path, .. options]) { RedirectStandardOutput = true })!;
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is var line)
            if (line is null)
                throw new InvalidOperationException("redis-server does not start.");
            else if (line.Contains("eady to accept connections", StringComparison.Ordinal))
                break;
        // It blocks if nobody reads what it prints.
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }
}
