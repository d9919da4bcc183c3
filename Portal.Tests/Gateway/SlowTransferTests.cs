using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Gateway;

/// <summary>A module's upstream decides how slowly bodies may be sent; Portal's own API has a minimum rate.</summary>
/// <remarks>The minimum is high here, so that the tests take little time. It has passed when Portal ends one of its own requests.</remarks>
public sealed class SlowTransferTests
{
    /// <summary>More than may be buffered.</summary>
    private const int FirstPart = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Upload_BelowPortalsOwnMinimum_ReachesTheUpstream(HttpProtocols protocols)
    {
        var arrived = new TaskCompletionSource();
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            var length = 0;
            var buffer = new byte[FirstPart];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                length += read;
                arrived.TrySetResult();
            }

            await context.Response.WriteAsync(length.ToString(CultureInfo.InvariantCulture));
        });
        await using var run = await StartAsync(upstream.Address, protocols);
        var rest = new TaskCompletionSource();
        using var request = Post(protocols, "/public/v1/agreements", rest.Task);
        var upload = run.SendAsync(request, TestContext.Current.CancellationToken);
        await arrived.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await WaitForOwnLimitAsync(run, protocols);
        rest.SetResult();

        using var response = await upload.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((FirstPart + 1).ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Download_BelowPortalsOwnMinimum_ReachesTheClient()
    {
        const int size = 64 << 20; // more than sockets hold
        await using var upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.ContentLength = size;
            for (var part = new byte[1 << 20]; ;)
                await context.Response.Body.WriteAsync(part);
        });
        await using var run = await StartAsync(upstream.Address, HttpProtocols.Http1);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/v1/agreements");
        using var response = await run.SendAsync(request, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        await WaitForOwnLimitAsync(run, HttpProtocols.Http1);

        var received = 0;
        for (var buffer = new byte[1 << 20]; await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read;)
            received += read;
        Assert.Equal(size, received);
    }

    private static Task<GatewayRun> StartAsync(string upstream, HttpProtocols protocols) => GatewayRun.StartAsync(
        upstream, null,
        builder => builder.ConfigureServices(services => services.PostConfigure<KestrelServerOptions>(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols);
            var high = new MinDataRate(bytesPerSecond: 1e9, gracePeriod: TimeSpan.FromSeconds(1.1));
            (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (high, high);
        })));

    /// <summary>Starts a request to Portal's own API, stops sending, and waits until Portal ends it.</summary>
    private static async Task WaitForOwnLimitAsync(GatewayRun run, HttpProtocols protocols)
    {
        const string path = "/public/v1/auth/tokens";
        if (protocols == HttpProtocols.Http2)
        {
            // A separate connection, which ends with it.
            using var client = new HttpClient { BaseAddress = run.Portal.Address };
            using var request = Post(protocols, path, Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
            request.Headers.TryAddWithoutValidation("Authorization", run.Key.ToHeaderValue());
            await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
            return;
        }

        using var socket = new TcpClient();
        await socket.ConnectAsync(run.Portal.Address.Host, run.Portal.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: {run.Portal.Address.Authority}\r\nAuthorization: {run.Key.ToHeaderValue()}\r\n"
                + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("VAL_001", answer, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Post(HttpProtocols protocols, string path, Task middle) => new(HttpMethod.Post, path)
    {
        Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new TwoParts(middle),
    };

    /// <summary>A body that pauses before its last byte.</summary>
    private sealed class TwoParts(Task middle) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[FirstPart]);
            await stream.FlushAsync();
            await middle;
            await stream.WriteAsync("}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
