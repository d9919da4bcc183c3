using System.Diagnostics;
using Npgsql;

namespace Portal.Tests.Support;

/// <summary>PgBouncer in transaction mode in front of the server of the test run.</summary>
internal sealed class PostgresPooler : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private PostgresPooler(Process process, string folder) => (_process, _folder) = (process, folder);

    public static async Task<PostgresPooler> StartAsync()
    {
        var (program, server) = (await SystemPackages.RequireAsync("pgbouncer", "pgbouncer"), await PostgresServer.GetAsync());
        var folder = await PostgresServer.CreateFolderAsync("portal-pooler-");
        var (settings, users) = (Path.Combine(folder, "pgbouncer.ini"), Path.Combine(folder, "users.txt"));
        await File.WriteAllTextAsync(users, "\"postgres\" \"\"\n");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            * = host={server.Folder}
            [pgbouncer]
            listen_addr =
            unix_socket_dir = {folder}
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 10
            max_client_conn = 200
            ignore_startup_parameters = extra_float_digits
            """);
        var pooler = new PostgresPooler(PostgresServer.Start(folder, "TERM", program, "-q", settings), folder);
        try
        {
            await pooler.WaitAsync();
            return pooler;
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects through the pooler.</summary>
    /// <param name="connectionString">How to connect to the server.</param>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Host = _folder, Port = 6432 }.ToString();

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Waits until it accepts connections.</summary>
    private async Task WaitAsync()
    {
        var connectionString = Through((await PostgresServer.GetAsync()).ConnectionTo("postgres"));
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Yield())
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (!_process.HasExited && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
            }
    }
}
