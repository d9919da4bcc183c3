using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Portal.Data.Postgres;

namespace Portal.Tests.Support;

/// <summary>A PostgreSQL server of the test run, from the system's packages, with its own folder and a Unix socket in it.</summary>
internal sealed class PostgresServer
{
    /// <summary>Runs a server until the input ends, which also happens if the test run is killed, and removes its folder then.</summary>
    private const string EndWithInput = """exec >/dev/null 2>&1; folder=$1; signal=$2; shift 2; "$@" <&- & read -r end; kill -s "$signal" $!; wait; rm -rf "$folder" """;

    /// <summary>Without replication, new databases needn't be logged.</summary>
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartAsync("wal_level = minimal", "max_wal_senders = 0"));

    private readonly Process _process;
    private readonly Lazy<Task<string>> _migrated;
    private int _databases;

    private PostgresServer(Process process, string folder)
    {
        (_process, Folder) = (process, folder);
        _migrated = new Lazy<Task<string>>(MigrateAsync);
    }

    public string Folder { get; }

    /// <summary>Starts the server with the first test that needs it. It ends with the test run.</summary>
    public static Task<PostgresServer> GetAsync() => Shared.Value;

    /// <summary>Starts another server, whose commits wait for a standby that never comes, if their session has <c>synchronous_commit</c>. It ends with the test
    /// run.</summary>
    public static Task<PostgresServer> StartWithoutItsStandbyAsync() => StartAsync("synchronous_standby_names = 'absent'");

    /// <summary>Connects to a database.</summary>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Folder, Username = "postgres", Database = database, MaxPoolSize = 20, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 1,
    }.ToString();

    /// <summary>Creates a database with the current schema and no rows, for nodes that share it.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateAsync() => await CreateAsync(await _migrated.Value);

    /// <summary>Creates a copy of a database that no one uses, or an empty one.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateAsync(string template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        // A copy as files would be faster alone, but it needs a checkpoint, for which all other tests wait.
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template}");
        return ConnectionTo(name);
    }

    /// <summary>Removes a database, whoever is connected to it.</summary>
    public async Task DropAsync(string connectionString)
    {
        using (var connection = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(connection);
        await ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {NameOf(connectionString)} WITH (FORCE)");
    }

    /// <summary>Ends all connections to a database and refuses new ones: otherwise, it couldn't be copied.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CloseAsync(string connectionString)
    {
        var name = NameOf(connectionString);
        await ExecuteAsync("postgres", $"ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
        return name;
    }

    public static string NameOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    private async Task<string> MigrateAsync()
    {
        var connection = await CreateAsync("template0");
        await PostgresDatabase.MigrateAsync(connection, CancellationToken.None);
        return await CloseAsync(connection);
    }

    private async Task ExecuteAsync(string database, string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionTo(database));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Creates a folder of the user that servers run as.</summary>
    internal static async Task<string> CreateFolderAsync(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", folder);
        return folder;
    }

    /// <summary>Starts a server that ends, at the latest, with the test run.</summary>
    /// <param name="folder">Is removed when the input of the process ends.</param>
    /// <param name="signal">Ends the server at once.</param>
    internal static Process Start(string folder, string signal, params string[] command) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", EndWithInput, "sh", folder, signal, .. AsServer(command)]) { RedirectStandardInput = true })!;

    /// <param name="settings">Lines of its configuration, which <c>ALTER SYSTEM</c> can change.</param>
    private static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var programs = Path.GetDirectoryName(await SystemPackages.RequireAsync("postgresql", "initdb"))!;
        var folder = await CreateFolderAsync("portal-postgres-");
        var data = Path.Combine(folder, "data");
        await RunAsync(AsServer(Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"));
        string[] command =
        [
            Path.Combine(programs, "postgres"), "-D", data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={folder}", "-c", "fsync=off",
            "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400",
            "-c", "timezone=Asia/Kolkata",
            "-c", "shared_buffers=128MB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=fatal",
        ];
        await File.AppendAllLinesAsync(Path.Combine(data, "postgresql.auto.conf"), settings);
        var process = Start(folder, "QUIT", command);
        var server = new PostgresServer(process, folder);
        await server.WaitAsync();
        return server;
    }

    /// <summary>Waits until the server accepts connections.</summary>
    private async Task WaitAsync()
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Yield())
            try
            {
                await ExecuteAsync("postgres", "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (!_process.HasExited && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
            }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string[] AsServer(params string[] command) =>
        Environment.UserName == "root" ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} failed: {errors}");
    }
}
