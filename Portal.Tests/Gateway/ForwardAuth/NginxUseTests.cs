using System.Net;
using System.Net.WebSockets;
using System.Text;
using Portal.Tests.Support;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>The documented nginx in real use: uploads, streams, long addresses, with directives that people add.</summary>
[Slow]
public sealed class NginxUseTests(NginxUseTests.Used used) : IClassFixture<NginxUseTests.Used>
{
    private const string Agreements = "/public/v1/agreements";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Upload_LargerThanNginxsDefault_ReachesTheApiWhole(bool chunked, bool expectContinue)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Agreements) { Content = new ByteArrayContent(new byte[2_000_000]) };
        request.Headers.TryAddWithoutValidation("Authorization", used.Key.ToHeaderValue());
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = expectContinue;
        using var response = await used.Run.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "2000000"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Upload_WithoutAKey_IsRefusedInTheApisForm()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Agreements) { Content = new ByteArrayContent(new byte[2_000_000]) };
        using var response = await used.Run.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await ErrorBody.AssertAsync(response, HttpStatusCode.Unauthorized, "AUTH_001");
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task Method_ReachesTheApi(string method)
    {
        using var response = await used.Run.SendAsync(used.Key, Agreements, method);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(used.Run.Upstream.Seen, seen => seen.Method == method);
    }

    [Fact]
    public async Task Request_LongAddressAndHeaders_ReachTheApi()
    {
        var path = $"{Agreements}?filter={new string('a', 7_000)}";
        using var response = await used.Run.SendAsync(used.Key, path, "GET", ("User-Agent", new string('u', 7_000)), ("X-Large", new string('l', 7_000)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(used.Run.Upstream.Seen, seen => seen.Target == path);
    }

    [Fact]
    public async Task WebSocket_RightKey_IsOpenedAndAnswers()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", used.Key.ToHeaderValue());
        await socket.ConnectAsync(new UriBuilder(used.Run.Proxy.Address) { Scheme = "ws", Path = Agreements }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes("hello"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    /// <summary>nginx with the documented configuration, and uploads allowed as its text describes.</summary>
    public sealed class Used : IAsyncLifetime
    {
        internal ProxyRun Run { get; private set; } = null!;

        internal Portal.Tokens.ApiKey Key { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Run = await ProxyRun.StartNginxAsync(
                change: text => text.With("location /public/v1/ {", "location /public/v1/ { client_max_body_size 50m; proxy_request_buffering off;"));
            Key = await Run.Portal.CreateTokenAsync();
            Run.Upstream.Answer = async context =>
            {
                if (context.WebSockets.IsWebSocketRequest)
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    var buffer = new byte[16];
                    var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
                    await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, context.RequestAborted);
                    return;
                }

                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                    context.Response, body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), context.RequestAborted);
            };
        }

        public ValueTask DisposeAsync() => Run.DisposeAsync();
    }
}
