using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>One long request of each kind for each module: a WebSocket, an event stream, an upload, and one without a response.</summary>
internal sealed class LongRequests : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<ClientWebSocket> _sockets = [];
    private readonly List<IDisposable> _open = [];

    /// <summary>The requests. Each task completes when its request has ended.</summary>
    public List<Task> All { get; } = [];

    /// <summary>The requests whose response hasn't started. They return everything that the client got.</summary>
    public List<Task<string>> Unanswered { get; } = [];

    public static async Task<LongRequests> OpenAsync(PortalHost portal, ApiKey key, params string[] modules)
    {
        var requests = new LongRequests();
        foreach (var module in modules)
        {
            requests.Unanswered.Add(ExchangeAsync(portal, key, "GET", $"/public/v1/{module}/wait", ""));
            requests.Unanswered.Add(ExchangeAsync(portal, key, "POST", $"/public/v1/{module}/upload", "Transfer-Encoding: chunked\r\n", "5\r\nfirst\r\n"));
            await requests.OpenSocketAsync(portal, key, module);
            await requests.OpenEventsAsync(portal, key, module);
        }

        requests.All.AddRange(requests.Unanswered);
        await RegisteredAsync(portal, key, requests.All.Count);
        return requests;
    }

    /// <summary>Sends a request and returns the received data when the response is complete.</summary>
    public static async Task<string> ExchangeAsync(PortalHost portal, ApiKey key, string method, string target, string headers, string body = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(portal.Address.Host, portal.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: {portal.Address.Authority}\r\nAuthorization: {key.ToHeaderValue()}\r\n{headers}\r\n{body}"));
        var (answer, buffer) = ("", new byte[4096]);
        while (!answer.EndsWith('}') && await stream.ReadAsync(buffer) is > 0 and var read)
            answer += Encoding.UTF8.GetString(buffer, 0, read);
        return answer;
    }

    /// <summary>Waits until Portal has registered the requests: the upstream and the client may know of them earlier.</summary>
    public static async Task RegisteredAsync(PortalHost portal, ApiKey key, int count)
    {
        var (registered, since) = (portal.Services.GetRequiredService<OngoingRequests>(), Stopwatch.GetTimestamp());
        for (var found = 0; found < count; await Task.Yield())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{found} of {count} requests are registered");
            var list = new List<OngoingRequest>();
            registered.CopyTo(list);
            found = list.Count(request => request.Credential.Handle == key.Handle);
        }
    }

    public async Task EchoAsync()
    {
        foreach (var socket in _sockets)
            await socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None).WaitAsync(Patience);
        Assert.All(_sockets, socket => Assert.Equal(WebSocketState.Open, socket.State));
    }

    public ValueTask DisposeAsync()
    {
        _open.ForEach(open => open.Dispose());
        return ValueTask.CompletedTask;
    }

    private async Task OpenSocketAsync(PortalHost portal, ApiKey key, string module)
    {
        var socket = new ClientWebSocket();
        _open.Add(socket);
        _sockets.Add(socket);
        socket.Options.SetRequestHeader("Authorization", key.ToHeaderValue());
        await socket.ConnectAsync(new UriBuilder(portal.Address) { Scheme = "ws", Path = $"/public/v1/{module}/socket" }.Uri, CancellationToken.None);
        All.Add(Task.Run(async () =>
        {
            await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
            {
                while (true)
                    await socket.ReceiveAsync(new byte[100], CancellationToken.None);
            });
        }));
    }

    private async Task OpenEventsAsync(PortalHost portal, ApiKey key, string module)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/public/v1/{module}/events");
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        var response = await portal.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        _open.Add(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        All.Add(Task.Run(() => Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync())));
    }
}
