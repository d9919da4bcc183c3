using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Portal.Bench.Servers;

/// <summary>A PostgreSQL server from the system's packages, with a folder of its own. It writes as safely as one in production.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    public const string Tool = "initdb";
    private const string Database = "portal";

    private readonly Server _server;
    private readonly string _programs;

    private Postgres(Server server, string programs) => (_server, _programs) = (server, programs);

    private Uri Address => new(_server.Address);

    private string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host={Address.Host};Port={Address.Port};Username=postgres;Database={Database}");

    /// <summary>The settings of a Portal that uses it.</summary>
    public (string Key, string Value)[] Settings => [("Portal:Database", "Postgres"), ("Portal:ConnectionString", ConnectionString)];

    /// <param name="folder">A folder for its files, which doesn't exist.</param>
    public static async Task<Postgres> StartAsync(string folder)
    {
        var tool = Tools.Find(Tool)!;
        var programs = Path.GetDirectoryName(File.ResolveLinkTarget(tool, returnFinalTarget: true)?.FullName ?? tool)!;
        Directory.CreateDirectory(folder);
        if (Environment.UserName == "root")
        {
            // The server's user must reach the folder.
            await RunAsync("chmod", ["755", Path.GetDirectoryName(folder)!]);
            await RunAsync("chown", ["postgres", folder]);
        }

        var initialize = AsServer([Path.Combine(programs, Tool), "-D", folder, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
        await RunAsync(initialize[0], initialize[1..]);
        var address = new UriBuilder(Uri.UriSchemeHttp, IPAddress.Loopback.ToString(), Server.FreePort()).Uri;
        var command = AsServer(
        [
            Path.Combine(programs, "postgres"), "-D", folder, "-c", $"listen_addresses={address.Host}", "-p", address.Port.ToString(CultureInfo.InvariantCulture),
            "-c", "unix_socket_directories=", "-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=fatal",
        ]);
        var postgres = new Postgres(await Server.StartAsync("PostgreSQL", new ProcessStartInfo(command[0], command[1..]), address), programs);
        await postgres.WaitAsync();
        await postgres.CallAsync("createdb", Database);
        return postgres;
    }

    /// <summary>Copies everything from a data directory that no Portal uses.</summary>
    public async Task CopyAsync(PublishedPortal portal, string dataDirectory)
    {
        await portal.RunAsync(dataDirectory, ["copy-data", "to-postgres"], Settings);
        // As after some hours of operation.
        await CallAsync("vacuumdb", "--analyze", "--quiet", Database);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Waits until it accepts connections, which is after it listens.</summary>
    private async Task WaitAsync()
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
            try
            {
                await CallAsync("pg_isready", "--quiet");
                return;
            }
            catch (BenchException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), giveUp.Token);
            }
    }

    private Task CallAsync(string program, params string[] arguments) => RunAsync(
        Path.Combine(_programs, program), ["-h", Address.Host, "-p", Address.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", .. arguments]);

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string[] AsServer(string[] command) =>
        Environment.UserName == "root" ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", .. command] : command;

    private static Task RunAsync(string program, string[] arguments) => Tools.RunAsync(new ProcessStartInfo(program, arguments));
}
