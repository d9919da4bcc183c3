using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Portal.Tests.Components.Circuits;

/// <summary>Which origins may open a circuit, with each transport and each form of the address.</summary>
public sealed class CircuitOriginTests(SignedInHost signedIn) : IClassFixture<SignedInHost>
{
    private const string Upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly string[] Foreign =
    [
        "https://evil.example", "http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1", "https://{host}", "http://{host}.evil.example",
        "http://{host}/", "http://user@{host}", "http://{host}?", "{host}", "//{host}", "http://{host} http://{host}", "http://{host}, http://evil.example",
    ];

    [Fact]
    public async Task WebSocket_OfAnotherOrigin_IsRefused()
    {
        foreach (var origin in Foreign.Where(origin => origin != "http://{host}/" && origin != "http://{host}?"))
            Assert.Equal((origin, 403), (origin, await AskAsync("GET", "/_blazor?id=x", Upgrade, $"Origin: {origin}")));
        Assert.Equal(403, await AskAsync("GET", "/_blazor", Upgrade));
        Assert.Equal(403, await AskAsync("GET", "/_blazor", Upgrade, "Sec-Fetch-Site: cross-site"));
        Assert.Equal(403, await AskAsync("GET", "/_blazor", Upgrade, "Origin: http://{host}", "Origin: http://evil.example"));
    }

    [Fact]
    public async Task EveryOtherRequest_OfAnotherOrigin_IsRefused()
    {
        foreach (var (method, path) in new[]
        {
            ("POST", "/_blazor/negotiate?negotiateVersion=1"), ("GET", "/_blazor?id=x"), ("POST", "/_blazor?id=x"), ("DELETE", "/_blazor?id=x"),
            ("POST", "/_blazor/disconnect"), ("POST", "/_blazor/disconnect/"), ("POST", "/_BLAZOR/negotiate"), ("POST", "/%5Fblazor/negotiate"), ("GET", "/_blazor/"),
        })
        {
            Assert.Equal((path, 403), (path, await AskAsync(method, path, "Origin: https://evil.example")));
            Assert.Equal((path, 403), (path, await AskAsync(method, path, "Sec-Fetch-Site: same-site")));
        }
    }

    [Fact]
    public async Task OwnOrigin_IsServed()
    {
        Assert.Equal(101, await AskAsync("GET", "/_blazor", Upgrade, "Origin: http://{host}"));
        Assert.Equal(200, await AskAsync("POST", "/_blazor/negotiate?negotiateVersion=1", "Origin: http://{host}"));
        Assert.Equal(200, await AskAsync("POST", "/_blazor/negotiate?negotiateVersion=1", "Origin: HTTP://{host}"));
        Assert.Equal(200, await AskAsync("POST", "/_blazor/negotiate?negotiateVersion=1", "Sec-Fetch-Site: same-origin"));
    }

    /// <summary>Open tabs reconnect as soon as their circuits end, and a stop waits for connections.</summary>
    [Fact]
    public async Task Stopping_NoNewCircuitIsOpened()
    {
        var stop = new HeldStop();
        var stopping = new SignedInHost(services => services.AddHostedService(_ => stop));
        await stopping.InitializeAsync();
        string[] own = ["Origin: http://" + stopping.Host.Address.Authority, "Cookie: " + stopping.Cookie, "Content-Length: 0"];
        Assert.Equal(200, await stopping.AskAsync("POST", "/_blazor/negotiate?negotiateVersion=1", own));

        stopping.Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var (negotiated, connected) = (
            await stopping.AskAsync("POST", "/_blazor/negotiate?negotiateVersion=1", own), await stopping.AskAsync("GET", "/_blazor", [.. own, .. Upgrade.Split('\n')]));
        var disposing = stopping.DisposeAsync();
        stop.Goes.SetResult();
        await disposing;

        Assert.Equal((503, 503), (negotiated, connected));
    }

    [Fact]
    public async Task WithoutASession_NothingIsServed()
    {
        foreach (var (method, path) in new[] { ("POST", "/_blazor/negotiate?negotiateVersion=1"), ("GET", "/_blazor?id=x"), ("POST", "/_blazor?id=x") })
        {
            var status = await signedIn.AskAsync(method, path, Lines(["Origin: http://{host}"], cookie: false));
            Assert.True(status is (>= 300 and < 500) and not 404, $"{path}: {status}");
        }
    }

    private Task<int> AskAsync(string method, string path, params string[] headers) => signedIn.AskAsync(method, path, Lines(headers, cookie: true));

    private string[] Lines(string[] headers, bool cookie) =>
    [
        .. headers.SelectMany(header => header.Replace("{host}", signedIn.Host.Address.Authority).Split('\n')), "Content-Length: 0",
        .. cookie ? new[] { $"Cookie: {signedIn.Cookie}" } : [],
    ];

    /// <summary>Keeps the web server listening after Portal's stop was requested.</summary>
    private sealed class HeldStop : IHostedLifecycleService
    {
        public TaskCompletionSource Goes { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppingAsync(CancellationToken cancellationToken) => Goes.Task;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
