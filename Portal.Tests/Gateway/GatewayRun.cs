using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>A Portal with upstreams for its first modules: Agreements (<c>/agreements</c>, <c>/forms</c>), Billing (<c>/billing</c>) and Contracts
/// (<c>/contracts</c>).</summary>
internal sealed class GatewayRun : IAsyncDisposable
{
    public const string Agreements = "Catalog:Modules:0:Upstream:", Billing = "Catalog:Modules:1:Upstream:", Contracts = "Catalog:Modules:2:Upstream:";

    private readonly Traffic _traffic = new();

    private GatewayRun(IReadOnlyDictionary<string, string> settings, string? folder, Action<IWebHostBuilder>? configure) =>
        Portal = new PortalHost("Development", settings, folder, builder =>
        {
            builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(_traffic));
            configure?.Invoke(builder);
        });

    public PortalHost Portal { get; }

    /// <summary>A key for every module.</summary>
    public ApiKey Key { get; private set; } = null!;

    /// <param name="agreements">The address of Agreements' upstream; null for none.</param>
    /// <param name="settings">Additional settings, such as <c>(Agreements + "PathPrefix", "Stripped")</c>.</param>
    public static Task<GatewayRun> StartAsync(string? agreements, params (string Name, string Value)[] settings) => StartAsync(agreements, null, null, settings);

    public static async Task<GatewayRun> StartAsync(
        string? agreements, string? folder, Action<IWebHostBuilder>? configure, params (string Name, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        if (agreements is not null)
            all[Agreements + "Destinations:0"] = agreements;
        var run = new GatewayRun(all, folder, configure);
        await run.Portal.InitializeAsync();
        run.Key = await run.Portal.CreateTokenAsync();
        return run;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Portal.SendAsync(Key, "/public/v1" + path);

    /// <summary>Sends the request with the key, and returns the response as soon as it has started.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation = default)
    {
        request.Headers.TryAddWithoutValidation("Authorization", Key.ToHeaderValue());
        return Portal.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    /// <summary>Sends a request byte by byte as written, with the key.</summary>
    public Task<(int Status, string Remainder)> SendRawAsync(string target, params string[] headers) =>
        RawHttp.SendAsync(Portal.Address, target, [$"Authorization: {Key.ToHeaderValue()}", .. headers]);

    /// <summary>The counts for the key of completed requests, such as <c>MD-0002 200 - 1</c>.</summary>
    public async Task<string[]> CountsAsync()
    {
        await _traffic.WhenIdleAsync();
        return [.. (await Portal.CountsAsync(Key.Handle)).Select(count => count[(count.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
    }

    public ValueTask DisposeAsync() => Portal.DisposeAsync();

    /// <summary>Tracks when Portal has completed every request, including the work after the response.</summary>
    private sealed class Traffic : IStartupFilter
    {
        private readonly Lock _lock = new();
        private readonly List<TaskCompletionSource> _waiting = [];
        private int _underWay;

        public Task WhenIdleAsync()
        {
            lock (_lock)
            {
                if (_underWay == 0)
                    return Task.CompletedTask;
                var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(idle);
                return idle.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (_, rest) =>
            {
                lock (_lock)
                    _underWay++;
                try
                {
                    await rest();
                }
                finally
                {
                    Leave();
                }
            });
            next(app);
        };

        private void Leave()
        {
            lock (_lock)
            {
                if (--_underWay > 0)
                    return;
                _waiting.ForEach(waiting => waiting.SetResult());
                _waiting.Clear();
            }
        }
    }
}
