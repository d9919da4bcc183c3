using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Support;

/// <summary>Sends requests over HTTP/2 without TLS unchanged, even with pseudo-header fields that no client would send (RFC 9113, RFC
/// 7541).</summary>
internal static class RawHttp2
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, EndHeaders = 4, Acknowledgement = 1;

    /// <summary>The statuses with an entry in HPACK's static table, from index 8 on.</summary>
    private static readonly int[] Statuses = [200, 204, 206, 304, 400, 404, 500];

    /// <param name="fields">All fields, with lower-case names and texts shorter than 127 bytes.</param>
    /// <returns>The status; 0 if the server reset the stream or closed the connection, as it must for a malformed request.</returns>
    public static async Task<int> SendAsync(Uri address, string body, params (string Name, string Value)[] fields)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await WriteAsync(stream, Settings, 0, 0, []);
        await WriteAsync(stream, Headers, (byte)(EndHeaders | (body.Length == 0 ? EndStream : 0)), 1, [.. fields.SelectMany(Encode)]);
        if (body.Length > 0)
            await WriteAsync(stream, Data, EndStream, 1, Encoding.ASCII.GetBytes(body));
        try
        {
            return await ReadStatusAsync(stream);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task<int> ReadStatusAsync(NetworkStream stream)
    {
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
            switch (head[3])
            {
                case Headers:
                    return DecodeStatus(payload);
                case Reset or GoAway:
                    return 0;
                case Settings when (head[4] & Acknowledgement) == 0:
                    await WriteAsync(stream, Settings, Acknowledgement, 0, []);
                    break;
            }
        }
    }

    private static int DecodeStatus(ReadOnlySpan<byte> block)
    {
        // The block may begin with a change of the table's size.
        while ((block[0] & 0xE0) == 0x20)
            block = block[1..];
        if ((block[0] & 0x80) != 0)
            return Statuses[(block[0] & 0x7F) - 8];
        // A literal with the name :status and three uncompressed digits.
        Assert.Equal((8, 3), (block[0] & 0x0F, block[1]));
        return int.Parse(block.Slice(2, 3), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>Encodes a literal that isn't added to the table.</summary>
    private static byte[] Encode((string Name, string Value) field)
    {
        byte[] Text(string text) => Encoding.Latin1.GetBytes(text) is { Length: < 127 } bytes ? [(byte)bytes.Length, .. bytes] : throw new ArgumentException(text);
        return [0x10, .. Text(field.Name), .. Text(field.Value)];
    }

    private static ValueTask WriteAsync(NetworkStream stream, byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        return stream.WriteAsync(frame, TestContext.Current.CancellationToken);
    }
}
