using System.Net;
using System.Net.Sockets;

namespace Portal.Tests.Support;

/// <summary>Passes connections on to a Unix socket until it is told to stop, as a network does that drops packets: nothing is closed, and nothing arrives.</summary>
internal sealed class StallingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly string _socket;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _passes = Passed();

    public StallingProxy(string socket)
    {
        _socket = socket;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Stall() => _passes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Passes on what has waited.</summary>
    public void Resume() => _passes.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Resume();
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private static TaskCompletionSource Passed()
    {
        var passed = new TaskCompletionSource();
        passed.SetResult();
        return passed;
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _end.Token);
            await using var stream = new NetworkStream(server);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            await Task.WhenAny(CopyAsync(accepted.GetStream(), stream, ended.Token), CopyAsync(stream, accepted.GetStream(), ended.Token));
            await ended.CancelAsync();
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The server ended the connection, or the test did.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellation) is > 0 and var count)
            {
                await _passes.Task.WaitAsync(cancellation);
                await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // As above.
        }
    }
}
