using System.Text;

namespace Portal.Statistics;

/// <summary>The storage format of a token's recent requests: a version, a number, a table of texts, and the requests, newest first. Requests refer to
/// the texts by their position, because most of them occur many times.</summary>
internal static class RecentRequestFormat
{
    private const byte Version = 2;

    /// <summary>The format without a table of texts, and without reason, module, client, secret and request ID. It is only read.</summary>
    private const byte FirstVersion = 1;

    public static byte[] Write(IReadOnlyCollection<RecentRequest> requests)
    {
        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        using var entries = new MemoryStream();
        using (var writer = new BinaryWriter(entries, Encoding.UTF8, leaveOpen: true))
            foreach (var request in requests)
                Write(writer, request, texts);

        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write((byte)requests.Count);
            writer.Write7BitEncodedInt(texts.Count);
            // A dictionary that nothing was removed from returns its keys in the order in which they were added.
            foreach (var text in texts.Keys)
                writer.Write(text);
        }

        entries.WriteTo(buffer);
        return buffer.ToArray();
    }

    /// <returns>An empty list if the bytes are of another version or damaged.</returns>
    public static List<RecentRequest> Read(byte[]? bytes) => Read(bytes, out _);

    /// <inheritdoc cref="Read(byte[])"/>
    /// <param name="damaged">Whether they are of a known version but can't be read.</param>
    public static List<RecentRequest> Read(byte[]? bytes, out bool damaged)
    {
        damaged = false;
        try
        {
            return bytes switch
            {
                [Version, var count, ..] => Read(bytes, count, ReadEntries),
                [FirstVersion, var count, ..] => Read(bytes, count, ReadFirstVersion),
                _ => [],
            };
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException or OverflowException)
        {
            damaged = true;
            return [];
        }
    }

    private static void Write(BinaryWriter writer, RecentRequest request, Dictionary<string, int> texts)
    {
        void WriteText(string? text)
        {
            var key = text ?? "";
            if (!texts.TryGetValue(key, out var position))
                texts.Add(key, position = texts.Count);
            writer.Write7BitEncodedInt(position);
        }

        writer.Write(request.At.Ticks);
        writer.Write((ushort)request.StatusCode);
        writer.Write7BitEncodedInt64((request.Duration?.Ticks ?? -1) + 1);
        writer.Write7BitEncodedInt64(request.SecretId);
        WriteText(request.Method);
        WriteText(request.Path);
        WriteText(request.Address);
        WriteText(request.Reason);
        WriteText(request.ModuleId);
        WriteText(request.Client);
        WriteText(request.RequestId);
    }

    private static List<RecentRequest> Read(byte[] bytes, byte count, Func<BinaryReader, byte, List<RecentRequest>> read)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, 2, bytes.Length - 2), Encoding.UTF8);
        return read(reader, count);
    }

    private static List<RecentRequest> ReadEntries(BinaryReader reader, byte count)
    {
        List<string> texts = [];
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            texts.Add(reader.ReadString());
        string Text() => texts[reader.Read7BitEncodedInt()];

        var requests = new List<RecentRequest>();
        for (var i = 0; i < count; i++)
        {
            var (at, status, duration, secret) = (reader.ReadInt64(), reader.ReadUInt16(), reader.Read7BitEncodedInt64() - 1, reader.Read7BitEncodedInt64());
            requests.Add(new RecentRequest(new DateTime(at, DateTimeKind.Utc), Text(), Text(), status, DurationOf(duration), NullIfEmpty(Text()))
            {
                SecretId = secret, Reason = Text(), ModuleId = Text(), Client = NullIfEmpty(Text()), RequestId = NullIfEmpty(Text()),
            });
        }

        return requests;
    }

    private static List<RecentRequest> ReadFirstVersion(BinaryReader reader, byte count)
    {
        var requests = new List<RecentRequest>();
        for (var i = 0; i < count; i++)
        {
            var (at, method, path, status, duration, address) =
                (reader.ReadInt64(), reader.ReadString(), reader.ReadString(), reader.ReadUInt16(), reader.ReadInt64(), reader.ReadString());
            requests.Add(new RecentRequest(new DateTime(at, DateTimeKind.Utc), method, path, status, DurationOf(duration), NullIfEmpty(address)));
        }

        return requests;
    }

    private static TimeSpan? DurationOf(long ticks) => ticks < 0 ? null : new TimeSpan(ticks);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
