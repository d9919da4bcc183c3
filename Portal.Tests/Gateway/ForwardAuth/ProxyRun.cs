using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>A real proxy between a client and an API that asks a real Portal.</summary>
internal sealed class ProxyRun : IAsyncDisposable
{
    private bool _portalEnded;

    private ProxyRun(PortalHost portal, TestUpstream upstream) => (Portal, Upstream) = (portal, upstream);

    public PortalHost Portal { get; }

    /// <summary>The API behind the proxy.</summary>
    public TestUpstream Upstream { get; }

    public SystemProgram Proxy { get; private set; } = null!;

    /// <summary>Sends requests to the proxy.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Starts nginx with the documented configuration.</summary>
    /// <param name="change">An operator's change to the configuration; null for none.</param>
    public static Task<ProxyRun> StartNginxAsync(Func<string, string> change) => StartNginxAsync(null, change, []);

    /// <inheritdoc cref="StartNginxAsync(Func{string, string})"/>
    /// <param name="keepFor">The time for which it caches decisions, such as <c>10s</c>; null for no cache.</param>
    public static Task<ProxyRun> StartNginxAsync(string? keepFor = null, params (string Name, string Value)[] settings) => StartNginxAsync(keepFor, null, settings);

    private static Task<ProxyRun> StartNginxAsync(string? keepFor, Func<string, string>? change, (string Name, string Value)[] settings) => StartAsync(
        run => SystemProgram.StartAsync("nginx", "nginx-light", "using the \"epoll\" event method", async (folder, port) =>
        {
            var file = Path.Combine(folder, "nginx.conf");
            var configuration = NginxConfiguration(run, keepFor, folder, port);
            await File.WriteAllTextAsync(file, change is null ? configuration : change(configuration));
            return ["-c", file, "-p", folder, "-e", "stderr"];
        }),
        settings);

    /// <summary>Starts Caddy with the documented configuration.</summary>
    public static Task<ProxyRun> StartCaddyAsync() => StartAsync(run => SystemProgram.StartAsync("caddy", "caddy", "serving initial configuration", async (folder, port) =>
    {
        var file = Path.Combine(folder, "Caddyfile");
        var site = Assert.Single(Documented.Blocks("Caddy", "caddyfile"))
            .With("api.example.com {", $"http://127.0.0.1:{port} {{").With("portal.internal:5080", run.Portal.Address.Authority).With("api.internal:8080", run.UpstreamAuthority);
        await File.WriteAllTextAsync(file, "{\n\tadmin off\n}\n" + site);
        return ["run", "--config", file];
    }));

    /// <param name="headers">Complete header lines, as a client would send them.</param>
    public Task<(int Status, string Remainder)> SendRawAsync(ApiKey key, string target, params string[] headers) =>
        RawHttp.SendAsync(Proxy.Address, target, [$"Authorization: {key.ToHeaderValue()}", .. headers]);

    public Task<HttpResponseMessage> SendAsync(ApiKey? key, string path, string method = "GET", params (string Name, string Value)[] headers)
    {
        var request = Question.Ask(method, path, headers);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Proxy is not null)
            await Proxy.DisposeAsync();
        await Upstream.DisposeAsync();
        await EndPortalAsync();
    }

    public async Task EndPortalAsync()
    {
        if (_portalEnded)
            return;
        _portalEnded = true;
        await Portal.DisposeAsync();
    }

    private string UpstreamAuthority => new Uri(Upstream.Address).Authority;

    private static async Task<ProxyRun> StartAsync(Func<ProxyRun, Task<SystemProgram>> start, params (string Name, string Value)[] settings)
    {
        var portal = new PortalHost("Development", new Dictionary<string, string>(
            [.. AskedPortal.Settings, .. settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))]));
        var run = new ProxyRun(portal, await TestUpstream.StartAsync());
        try
        {
            await portal.InitializeAsync();
            run.Proxy = await start(run);
            run.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = run.Proxy.Address };
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    private static string NginxConfiguration(ProxyRun run, string? keepFor, string folder, int port)
    {
        var blocks = Documented.Blocks("nginx", "nginx");
        Assert.Equal(3, blocks.Length);
        var servers = blocks[0]
            .With("portal.internal:5080", run.Portal.Address.Authority).With("api.internal:8080", run.UpstreamAuthority).With("listen 80;", $"listen 127.0.0.1:{port};");
        if (keepFor is not null)
            servers = blocks[1].With("/run/nginx-portal", Path.Combine(folder, "cache"))
                + servers.With("        internal;\n", "        internal;\n" + blocks[2].With("200 10s", $"200 {keepFor}"));
        string[] parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        return $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr notice;
            events { }
            http {
            access_log off;
            {{string.Join('\n', parts.Select(part => $"{part}_temp_path {folder}/{part};"))}}
            {{servers}}
            }
            """;
    }
}
