using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>Sends one request after the other over an HTTP/1.1 connection, without changing their targets.</summary>
internal sealed class KeptConnection(Uri address, ApiKey key) : IDisposable
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private TcpClient? _client;

    /// <returns>The status.</returns>
    public async Task<int> SendAsync(string target, string method = "HEAD")
    {
        if (_client is null)
        {
            _client = new TcpClient { NoDelay = true };
            await _client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        }

        var stream = _client.GetStream();
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {key.ToHeaderValue()}\r\n\r\n"),
            TestContext.Current.CancellationToken);
        var head = await ReadHeadAsync(stream);
        if (head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase))
            Dispose();
        return int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a response to HEAD, which has no body.</summary>
    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var length = 0;
        while (_buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(length), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, read);
            length += read;
        }

        return Encoding.Latin1.GetString(_buffer, 0, length);
    }

    public void Dispose()
    {
        _client?.Dispose();
        _client = null;
    }
}
