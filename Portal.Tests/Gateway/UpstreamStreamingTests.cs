using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Gateway;

/// <summary>Portal doesn't buffer anything, in either direction.</summary>
public sealed class UpstreamStreamingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Answer_SentInParts_ArrivesInParts()
    {
        var firstWasRead = new TaskCompletionSource();
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await firstWasRead.Task.WaitAsync(Patience);
            await context.Response.WriteAsync("second");
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        using var response = await run.SendAsync(request);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.Equal("first", await ReadAsync(body, 5));
        firstWasRead.SetResult();
        Assert.Equal("second", await ReadAsync(body, 6));
    }

    [Fact]
    public async Task Upload_LargerThanPortalWouldTake_ArrivesWhileItIsSent()
    {
        const int part = 1 << 20, parts = 40;
        var firstArrived = new TaskCompletionSource();
        var arrived = 0L;
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            var buffer = new byte[part];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                arrived += read;
                firstArrived.TrySetResult();
            }
        });
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/public/v1/agreements")
        {
            Content = new SentContent(async body =>
            {
                for (var i = 0; i < parts; i++)
                {
                    await body.WriteAsync(new byte[part]);
                    await body.FlushAsync();
                    await firstArrived.Task.WaitAsync(Patience);
                }
            }),
        };
        using var response = await run.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, (long)part * parts), (response.StatusCode, arrived));
    }

    [Theory]
    [InlineData("RoundRobin")]
    [InlineData(null)]
    public async Task WebSocket_EchoesAndSeesTheCaller(string? balancing)
    {
        await using var upstream = await TestUpstream.StartAsync(EchoAsync);
        (string, string)[] settings = balancing is null ? [] : [(GatewayRun.Agreements + "LoadBalancing", balancing)];
        await using var run = await GatewayRun.StartAsync(upstream.Address, settings);
        using (var socket = new ClientWebSocket())
        {
            socket.Options.SetRequestHeader("Authorization", run.Key.ToHeaderValue());
            socket.Options.AddSubProtocol("chat");
            await socket.ConnectAsync(new UriBuilder(run.Portal.Address) { Scheme = "ws", Path = "/public/v1/agreements/live" }.Uri, TestContext.Current.CancellationToken);
            Assert.Equal("chat", socket.SubProtocol);
            for (var i = 0; i < 3; i++)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
                var buffer = new byte[100];
                var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
                Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);
            Assert.Equal("bye", socket.CloseStatusDescription);
        }

        var seen = Assert.Single(upstream.Seen);
        Assert.Equal(("/agreements/live", run.Key.Handle), (seen.Target, seen.Headers["X-Token-Handle"]));
        Assert.Equal(["MD-0002 101 - 1"], await run.CountsAsync());
    }

    [Fact]
    public async Task WebSocket_WithoutAKey_IsRefused()
    {
        await using var upstream = await TestUpstream.StartAsync(EchoAsync);
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        using var socket = new ClientWebSocket();
        var address = new UriBuilder(run.Portal.Address) { Scheme = "ws", Path = "/public/v1/agreements" }.Uri;
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, TestContext.Current.CancellationToken));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        Assert.Empty(upstream.Seen);
    }

    /// <summary>Like gRPC: HTTP/2 without TLS, messages in both directions at the same time, and trailers at the end.</summary>
    [Fact]
    public async Task Http2_BothWaysAtOnceWithTrailers_PassesThrough()
    {
        await using var upstream = await TestUpstream.StartAsync(EchoWithTrailersAsync, HttpProtocols.Http2);
        await using var run = await GatewayRun.StartAsync(
            upstream.Address, null,
            builder => builder.ConfigureServices(services => services.Configure<KestrelServerOptions>(
                kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2))),
            (GatewayRun.Agreements + "Protocol", "Http2"));
        var (answers, spoken) = (new TaskCompletionSource<Stream>(), new TaskCompletionSource());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/public/v1/agreements/Service/Method")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "TE", "trailers" } },
            Content = new SentContent(async body =>
            {
                await SendAsync(body, "one");
                var answer = await answers.Task.WaitAsync(Patience);
                Assert.Equal("one", await ReadAsync(answer, 3));
                await SendAsync(body, "two");
                Assert.Equal("two", await ReadAsync(answer, 3));
                spoken.SetResult();
            })
            { Headers = { { "Content-Type", "application/grpc" } } },
        };
        using var response = await run.SendAsync(request);
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        answers.SetResult(body);
        await spoken.Task.WaitAsync(Patience);
        Assert.Equal(0, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal("trailers", Assert.Single(upstream.Seen).Headers["TE"]);
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal(HttpVersion.Version20, response.Version);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
        var buffer = new byte[100];
        while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, CancellationToken.None);
    }

    private static async Task EchoWithTrailersAsync(HttpContext context)
    {
        Assert.Equal("HTTP/2", context.Request.Protocol);
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync();
        var buffer = new byte[100];
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            await context.Response.Body.FlushAsync();
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task SendAsync(Stream body, string text)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await body.FlushAsync();
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        var buffer = new byte[length];
        await body.ReadExactlyAsync(buffer).AsTask().WaitAsync(Patience);
        return Encoding.UTF8.GetString(buffer);
    }

    /// <summary>A body that is written as the test says.</summary>
    private sealed class SentContent(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
