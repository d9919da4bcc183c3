using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Gateway;

/// <summary>An upstream that does what no web server would: sends any bytes, or none, and closes the connection.</summary>
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

    /// <summary>Reads the request, sends the text, and closes the connection.</summary>
    public static RawUpstream Says(string words) => new(async (socket, cancellation) =>
    {
        await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        socket.Shutdown(SocketShutdown.Send);
        // Closing a connection with unread data would reset it.
        await DrainAsync(socket, cancellation);
    });

    /// <summary>Sends the text and keeps the connection open.</summary>
    public static RawUpstream SaysAndWaits(string words) => new(async (socket, cancellation) =>
    {
        await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        await DrainAsync(socket, cancellation);
    });

    /// <summary>Responds to each request on a persistent connection; null closes it without a response.</summary>
    /// <param name="answer">Gets the head of the request, and the number of earlier requests on the connection.</param>
    public static RawUpstream Answers(Func<string, int, string?> answer) => new(async (socket, cancellation) =>
    {
        for (var before = 0; await ReadRequestAsync(socket, cancellation) is { Length: > 0 } head; before++)
        {
            if (answer(head, before) is not { } words)
                return;
            await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        }
    });

    /// <summary>Responds to a request by its head, and closes the connection.</summary>
    public static RawUpstream AnswersOnce(Func<string, string> answer) => new(async (socket, cancellation) =>
    {
        var head = await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(answer(head)), cancellation);
        socket.Shutdown(SocketShutdown.Send);
        await DrainAsync(socket, cancellation);
    });

    /// <summary>Resets the connection when the request has arrived.</summary>
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
                // The other side closed first.
            }
        }
    }

    /// <summary>Reads to the end of a request's head; empty if the other side closed the connection.</summary>
    private static async Task<string> ReadRequestAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0 && await socket.ReceiveAsync(buffer.AsMemory(length), cancellation) is > 0 and var read)
            length += read;
        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    private static async Task DrainAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, cancellation) > 0)
            continue;
    }
}
