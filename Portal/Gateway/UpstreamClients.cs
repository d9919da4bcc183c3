using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>The connections to upstreams: one pool for all modules with the same connection timeout.</summary>
/// <remarks>Kept while the process runs: a configuration change must not close a connection that a request uses.</remarks>
internal sealed class UpstreamClients(IOptions<UpstreamTracing> tracing) : IForwarderHttpClientFactory, IDisposable
{
    /// <summary>The key of a cluster's metadata for the connection timeout, in ticks.</summary>
    public const string ConnectTimeout = "ConnectTimeout";

    /// <summary>The time after which host names are resolved again, even if requests never pause.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>In kilobytes. Upstreams are trusted more than clients.</summary>
    private static int LongestResponseHeaders => 256;

    private readonly ConcurrentDictionary<TimeSpan, Lazy<HttpMessageInvoker>> _clients = new();

    public HttpMessageInvoker For(TimeSpan connectTimeout) => _clients.GetOrAdd(connectTimeout, time => new(() => Create(time))).Value;

    HttpMessageInvoker IForwarderHttpClientFactory.CreateClient(ForwarderHttpClientContext context) =>
        For(TimeSpan.FromTicks(long.Parse(context.NewMetadata![ConnectTimeout], CultureInfo.InvariantCulture)));

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            if (client.IsValueCreated)
                client.Value.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new UpstreamStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private HttpMessageInvoker Create(TimeSpan connectTimeout) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = connectTimeout,
        MaxResponseHeadersLength = LongestResponseHeaders,
        ConnectCallback = ConnectAsync,
        PooledConnectionLifetime = ConnectionLifetime,
        // Replaces the client's trace headers. Without tracing, they are passed on unchanged.
        ActivityHeadersPropagator = tracing.Value.Enabled ? new ReverseProxyPropagator(DistributedContextPropagator.Current) : null,
        // The web server reads and writes headers as Latin-1 too, so all bytes are passed on unchanged.
        RequestHeaderEncodingSelector = (name, request) =>
        {
            RetryPrevention.PreventAfterExpectation(name, request);
            return Encoding.Latin1;
        },
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
    });
}
