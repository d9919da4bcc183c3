using Portal.Tests.Gateway;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Hosting;

/// <summary>Portal in a process of its own, so that its telemetry is only about itself, with a token and an upstream for Agreements.</summary>
internal sealed class WatchedPortal : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private HttpClient _client = null!;

    public PortalProcess Process { get; private set; } = null!;
    public TestUpstream Upstream { get; private set; } = null!;

    /// <summary>A key for every module.</summary>
    public ApiKey Key { get; private set; } = null!;

    public string Secret => Key.ToHeaderValue()[^ApiKey.SecretLength..];

    public string Folder => _folder.Path;

    public static async Task<WatchedPortal> StartAsync(params (string Name, string Value)[] settings)
    {
        var watched = new WatchedPortal();
        watched.Key = await DirectoryWithToken.CopyToAsync(watched._folder.Path);
        await StoredData.RemovePeopleAsync(watched._folder.Path);
        watched.Upstream = await TestUpstream.StartAsync();
        var environment = settings.ToDictionary(setting => setting.Name.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment[$"{GatewayRun.Agreements}Destinations:0".Replace(":", "__", StringComparison.Ordinal)] = watched.Upstream.Address;
        watched.Process = await PortalProcess.StartAsync(watched._folder.Path, environment: environment);
        watched._client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null }) { BaseAddress = new Uri(watched.Process.Address) };
        return watched;
    }

    /// <param name="authorization">Null to send none.</param>
    public Task<HttpResponseMessage> GetAsync(string path, string? authorization, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Requests an API path with the valid key.</summary>
    public Task<HttpResponseMessage> CallAsync(string path, params (string Name, string Value)[] headers) =>
        GetAsync("/public/v1" + path, Key.ToHeaderValue(), headers);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Process.DisposeAsync();
        await Upstream.DisposeAsync();
        _folder.Dispose();
    }
}
