using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Gateway;

/// <summary>Stands behind a module and does what no web server would: says anything, or nothing, and hangs up.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Func<Socket, CancellationToken, Task> _behave;
    private readonly Task _serving;

    private RawUpstream(Func<Socket, CancellationToken, Task> behave)
    {
        _behave = behave;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Hangs up after having read the request and said the words.</summary>
    public static RawUpstream Says(string words) => new(async (socket, cancellation) =>
    {
        await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        socket.Shutdown(SocketShutdown.Send);
        // A peer that is not read to its end is reset.
        await DrainAsync(socket, cancellation);
    });

    /// <summary>Says the words and goes on to hold the line.</summary>
    public static RawUpstream SaysAndWaits(string words) => new(async (socket, cancellation) =>
    {
        await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        await DrainAsync(socket, cancellation);
    });

    /// <summary>Resets the connection once the request is there.</summary>
    public static RawUpstream Resets() => new(async (socket, cancellation) =>
    {
        await ReadRequestAsync(socket, cancellation);
        socket.LingerState = new LingerOption(true, 0);
    });

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = BehaveAsync(await _listener.AcceptSocketAsync(_stopped.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task BehaveAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _behave(socket, _stopped.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The other side left first.
            }
        }
    }

    private static async Task ReadRequestAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0 && await socket.ReceiveAsync(buffer.AsMemory(length), cancellation) is > 0 and var read)
            length += read;
    }

    private static async Task DrainAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, cancellation) > 0)
            continue;
    }
}
