using System.Diagnostics;
using Microsoft.Playwright;
using Npgsql;
using Portal.Tests.Gateway.ForwardAuth;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>Four processes that share a database, behind nginx with the documented configuration.</summary>
internal sealed class SeveralNodesBehindNginx : IAsyncDisposable
{
    /// <summary>The header that says which node has answered.</summary>
    private const string ServedBy = "X-Served-By";

    private readonly List<PortalProcess> _nodes = [];
    private SystemProgram? _nginx;

    /// <summary>How to connect to the database.</summary>
    public string Connection { get; private set; } = "";

    public string Address => _nginx!.Address.ToString();

    public PortalProcess First => _nodes[0];

    public static async Task<SeveralNodesBehindNginx> StartAsync()
    {
        var run = new SeveralNodesBehindNginx();
        try
        {
            run.Connection = await (await PostgresServer.GetAsync()).CreateAsync();
            var environment = TestDatabase.SettingsFor(run.Connection).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
            environment["Portal__TrustedProxies__0"] = "127.0.0.1";
            environment["Portal__Nodes__DrainDelay"] = "00:00:00.2";
            environment["Portal__Nodes__Lease"] = "00:00:02";
            environment["Portal__Circuits__DisconnectedSeconds"] = "1";
            // The first one creates what all share, so that the others don't wait for it.
            run._nodes.Add(await PortalProcess.StartAsync(environment: environment));
            run._nodes.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PortalProcess.StartAsync(environment: environment))));
            run._nginx = await run.StartNginxAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that serves the browser. nginx sends all requests of an address to one node while it works.</summary>
    public async Task<PortalProcess> NodeOfAsync(IPage page)
    {
        var served = (await page.EvaluateAsync<string>($"async () => (await fetch('health/live')).headers.get('{ServedBy}')")).Split(", ")[^1];
        return _nodes.Single(node => new Uri(node.Address).Authority == served);
    }

    /// <summary>Waits until the query returns true.</summary>
    public async Task WaitForAsync(string query)
    {
        await using var source = NpgsqlDataSource.Create(Connection);
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            await using var command = source.CreateCommand(query);
            if (await command.ExecuteScalarAsync(Xunit.TestContext.Current.CancellationToken) is true)
                return;
            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
            await _nginx.DisposeAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (Connection.Length > 0)
            await (await PostgresServer.GetAsync()).DropAsync(Connection);
    }

    private Task<SystemProgram> StartNginxAsync() => SystemProgram.StartAsync("nginx", "nginx-light", "using the \"epoll\" event method", async (folder, port) =>
    {
        var file = Path.Combine(folder, "nginx.conf");
        var configuration = Documented.Configuration("scaling.md", "nginx").With("listen 80;", $"listen 127.0.0.1:{port};\n    add_header {ServedBy} $upstream_addr;");
        for (var i = 0; i < 2; i++)
            configuration = configuration.With($"node{i + 1}.internal:5080", new Uri(_nodes[i].Address).Authority);
        configuration = configuration.With(" max_fails=0;", ";").With("node3.internal:5080;", string.Join(" server ", _nodes[2..].Select(node => $"{new Uri(node.Address).Authority};")));
        string[] parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        await File.WriteAllTextAsync(file, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { }
            http {
            access_log off;
            {{string.Join('\n', parts.Select(part => $"{part}_temp_path {folder}/{part};"))}}
            {{configuration}}
            }
            """);
        return ["-c", file, "-p", folder, "-e", "stderr"];
    });
}
