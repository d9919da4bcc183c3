using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Sends one request with the key of every seeded token.</summary>
internal static class KeyWalk
{
    /// <exception cref="BenchException">A response wasn't 200.</exception>
    public static async Task RunAsync(Uri url, int tokens, int connections)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(url.Host, url.Port);
            await using var stream = client.GetStream();
            var buffer = new byte[16 * 1024];
            while (Interlocked.Increment(ref next) is var i && i < tokens)
            {
                var key = SeededKeys.At(i).ToHeaderValue();
                var request = $"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: {key}\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
                await ReadAsync(stream, buffer);
            }
        }));
    }

    /// <summary>Reads a single response. It contains its length and is smaller than the buffer.</summary>
    private static async Task ReadAsync(NetworkStream stream, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length));
            if (read == 0)
                throw new BenchException("Portal closed the connection.");
            length += read;
            if (IsWhole(buffer.AsSpan(0, length)))
                return;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        if (!answer.StartsWith("HTTP/1.1 200 "u8))
            throw new BenchException($"Portal answered {Encoding.ASCII.GetString(answer[..answer.IndexOf((byte)'\r')])}.");
        var start = answer.IndexOf("Content-Length: "u8) + "Content-Length: ".Length;
        var digits = answer[start..(start + answer[start..].IndexOf((byte)'\r'))];
        return answer.Length >= end + 4 + int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
