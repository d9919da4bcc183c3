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

    /// <summary>Answers each request on a kept connection; null: hangs up without a word.</summary>
    /// <param name="answer">Gets the request's head, and how many came before it on the connection.</param>
    public static RawUpstream Answers(Func<string, int, string?> answer) => new(async (socket, cancellation) =>
    {
        for (var before = 0; await ReadRequestAsync(socket, cancellation) is { Length: > 0 } head; before++)
        {
            if (answer(head, before) is not { } words)
                return;
            await socket.SendAsync(Encoding.Latin1.GetBytes(words), cancellation);
        }
    });

    /// <summary>Hangs up after having answered the request by what stands in its head.</summary>
    public static RawUpstream AnswersOnce(Func<string, string> answer) => new(async (socket, cancellation) =>
    {
        var head = await ReadRequestAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(answer(head)), cancellation);
        socket.Shutdown(SocketShutdown.Send);
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

    /// <summary>What came until the end of a head; empty: the other side hung up.</summary>
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
