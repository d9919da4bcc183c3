using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Portal.Bench.Servers;

/// <summary>In-process connections instead of sockets, to measure the server's own work without the operating system's.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 1);

    /// <param name="services">The services of the server.</param>
    /// <returns>The client's side.</returns>
    public IDuplexPipe Connect(IServiceProvider services)
    {
        var pool = services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();
        var inline = new PipeOptions(
            pool, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);
        var (toServer, toClient) = (new Pipe(inline), new Pipe(inline));
        // The server reads from one pipe and writes to the other.
        var server = new Side(toServer.Reader, toClient.Writer);
        var context = new DefaultConnectionContext(Guid.CreateVersion7().ToString(), server, server)
        {
            LocalEndPoint = EndPoint, RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 2),
        };
        context.Features.Set<IMemoryPoolFeature>(new Pool(pool));
        _connections.Writer.TryWrite(context);
        return new Side(toClient.Reader, toServer.Writer);
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return new(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _connections.Reader.WaitToReadAsync(cancellationToken) && _connections.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => default;

    private sealed record Pool(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;

    private sealed record Side(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
