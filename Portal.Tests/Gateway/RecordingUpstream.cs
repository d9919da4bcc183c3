using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Gateway;

/// <summary>An upstream that records the bytes of each request's target and responds with 200 and no body. It keeps its connections open, and parses
/// nothing that a web server could interpret differently.</summary>
internal sealed class RecordingUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<string> _targets = new();
    private readonly Task _accepting;

    public RecordingUpstream()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>The text between the method and the version, byte for byte.</summary>
    public IReadOnlyCollection<string> Targets => _targets;

    public void Forget() => _targets.Clear();

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                for (var length = 0; await socket.ReceiveAsync(buffer.AsMemory(length), _stopped.Token) is > 0 and var read;)
                {
                    length += read;
                    if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is not (>= 0 and var end))
                        continue;
                    Note(buffer.AsSpan(0, end));
                    length = 0;
                    await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopped.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The other side closed first.
            }
        }
    }

    private void Note(ReadOnlySpan<byte> head)
    {
        var line = Encoding.Latin1.GetString(head[..head.IndexOf("\r\n"u8)]);
        _targets.Enqueue(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..line.LastIndexOf(' ')]);
    }
}
