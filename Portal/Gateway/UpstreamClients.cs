using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>The connections to upstreams: one pool for all modules that give a connection the same time to be made.</summary>
/// <remarks>Kept while the process runs: a change of the configuration must not take a connection from under a request.</remarks>
internal sealed class UpstreamClients(IOptions<UpstreamTracing> tracing) : IForwarderHttpClientFactory, IDisposable
{
    /// <summary>Where a cluster's metadata hold the time that a connection may take, in ticks.</summary>
    public const string ConnectTimeout = "ConnectTimeout";

    /// <summary>Names are looked up anew after this time, also where requests never cease.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>In kilobytes. An upstream is trusted with more than a client.</summary>
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
        // In place of the client's trace headers; without tracing, these pass as they are.
        ActivityHeadersPropagator = tracing.Value.Enabled ? new ReverseProxyPropagator(DistributedContextPropagator.Current) : null,
        // The web server reads what clients send as UTF-8; what upstreams send passes byte by byte.
        RequestHeaderEncodingSelector = (name, request) =>
        {
            RequestRepetition.PreventAfterExpectation(name, request);
            return Encoding.UTF8;
        },
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
    });
}
