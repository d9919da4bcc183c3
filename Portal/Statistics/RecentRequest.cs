using System.Net;
using System.Text;
using Portal.Addresses;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>One of the last requests of a token.</summary>
/// <param name="At">UTC.</param>
/// <param name="Path">Decoded, without the query; cut to <see cref="LongestPath"/>.</param>
/// <param name="Duration">Null if Portal only decided whether the request may pass.</param>
/// <param name="Address">As text; null if unknown.</param>
public sealed record RecentRequest(DateTime At, string Method, string Path, int StatusCode, TimeSpan? Duration, string? Address)
{
    public const int LongestMethod = 16, LongestPath = 200, LongestClient = 200;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Cleans a header value. The web server reads headers as Latin-1, but most programs send non-ASCII characters in UTF-8.</summary>
    /// <inheritdoc cref="Clean"/>
    internal static string CleanHeader(string? value, int longest) => Clean(DecodeHeader(value), longest);

    private static string? DecodeHeader(string? value)
    {
        if (value is null || Ascii.IsValid(value))
            return value;
        try
        {
            return StrictUtf8.GetString(Encoding.Latin1.GetBytes(value));
        }
        catch (DecoderFallbackException)
        {
            return value;
        }
    }

    /// <summary>Cleans text of a client so that it can be stored and shown: shortens it, and removes control characters and anything that looks like
    /// a secret.</summary>
    internal static string Clean(string? text, int longest)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        // Shorten first, to limit the work for untrusted text. A truncated secret is still found.
        var hidden = SecretText.HideInPath(text.Length > longest + 64 ? text[..(longest + 64)] : text);
        var clean = new StringBuilder(Math.Min(hidden.Length, longest));
        foreach (var rune in hidden.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest)
                return clean.Append('…').ToString();
            clean.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format ? new Rune('·') : rune);
        }

        return clean.ToString();
    }
}

/// <summary>A request as it is recorded while it is served, without allocating anything.</summary>
/// <param name="Method">Null if there is nothing to record.</param>
/// <param name="Duration">Null if unknown.</param>
public readonly record struct ServedRequest(string? Method, string? Path, TimeSpan? Duration);

/// <summary>The latest requests of a token that wait to be written. When it is full, a new one replaces the oldest.</summary>
internal sealed class RecentRequestBuffer
{
    /// <summary>The number of requests that are kept for a token.</summary>
    public const int MostKept = 100;

    /// <summary>The maximum length of a path before it is cleaned and shortened.</summary>
    private const int MostHeld = 4 * RecentRequest.LongestPath;

    private Entry[] _entries = new Entry[4];
    private int _next, _count;

    public int Count => _count;

    /// <summary>The approximate size in memory.</summary>
    public int Bytes { get; private set; }

    /// <returns>The increase of <see cref="Bytes"/>.</returns>
    public int Add(in Entry entry)
    {
        if (_count == _entries.Length && _count < MostKept)
            Grow();
        // Otherwise a very long path would be kept in memory until it is written.
        var added = entry.Path is { Length: > MostHeld } path ? entry with { Path = path[..MostHeld] } : entry;
        var bytes = added.Bytes - (_count == _entries.Length ? _entries[_next].Bytes : 0);
        _entries[_next] = added;
        _next = (_next + 1) % _entries.Length;
        _count = Math.Min(_count + 1, _entries.Length);
        Bytes += bytes;
        return bytes;
    }

    /// <summary>Adds the requests of another ring.</summary>
    /// <inheritdoc cref="Add(in Entry)"/>
    public int Add(RecentRequestBuffer other)
    {
        var bytes = 0;
        foreach (var entry in other.Take())
            bytes += Add(entry);
        return bytes;
    }

    /// <summary>Returns all requests in the order in which they were added.</summary>
    public IEnumerable<Entry> Take()
    {
        var first = (_next - _count + _entries.Length) % _entries.Length;
        for (var i = 0; i < _count; i++)
            yield return _entries[(first + i) % _entries.Length];
    }

    /// <summary>Returns the requests cleaned for storage, newest first.</summary>
    public IEnumerable<RecentRequest> Read() => Take().OrderByDescending(entry => entry.At).Select(entry => new RecentRequest(
        entry.At, RecentRequest.Clean(entry.Method, RecentRequest.LongestMethod), RecentRequest.Clean(entry.Path, RecentRequest.LongestPath),
        entry.StatusCode, entry.Duration, AddressNumber.Write(entry.Address)));

    private void Grow()
    {
        // The array is full, so the oldest entry is where the next one goes.
        Entry[] grown = [.. Take(), .. new Entry[Math.Min(_count * 4, MostKept) - _count]];
        (_entries, _next) = (grown, _count);
    }

    /// <param name="Duration">Null if unknown.</param>
    internal readonly record struct Entry(DateTime At, string Method, string? Path, int StatusCode, TimeSpan? Duration, IPAddress? Address)
    {
        /// <summary>The approximate size in memory.</summary>
        public int Bytes => 150 + (2 * (Path?.Length ?? 0));
    }
}

/// <summary>The storage format of a token's recent requests: a version, a number, and the requests, newest first.</summary>
internal static class RecentRequestFormat
{
    private const byte Version = 1;

    public static byte[] Write(IReadOnlyCollection<RecentRequest> requests)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(Version);
        writer.Write((byte)requests.Count);
        foreach (var request in requests)
        {
            writer.Write(request.At.Ticks);
            writer.Write(request.Method);
            writer.Write(request.Path);
            writer.Write((ushort)request.StatusCode);
            writer.Write(request.Duration?.Ticks ?? -1);
            writer.Write(request.Address ?? "");
        }

        writer.Flush();
        return buffer.ToArray();
    }

    /// <returns>An empty list if the bytes are of another version or damaged.</returns>
    public static List<RecentRequest> Read(byte[]? bytes) => Read(bytes, out _);

    /// <inheritdoc cref="Read(byte[])"/>
    /// <param name="damaged">Whether they are of this version but can't be read.</param>
    public static List<RecentRequest> Read(byte[]? bytes, out bool damaged)
    {
        damaged = false;
        try
        {
            return bytes is [Version, var count, ..] ? ReadEntries(bytes, count) : [];
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException or OverflowException)
        {
            damaged = true;
            return [];
        }
    }

    private static List<RecentRequest> ReadEntries(byte[] bytes, byte count)
    {
        var requests = new List<RecentRequest>();
        using var reader = new BinaryReader(new MemoryStream(bytes, 2, bytes.Length - 2), Encoding.UTF8);
        for (var i = 0; i < count; i++)
        {
            var (at, method, path, status, duration, address) =
                (reader.ReadInt64(), reader.ReadString(), reader.ReadString(), reader.ReadUInt16(), reader.ReadInt64(), reader.ReadString());
            requests.Add(new RecentRequest(
                new DateTime(at, DateTimeKind.Utc), method, path, status, duration < 0 ? null : new TimeSpan(duration), address.Length == 0 ? null : address));
        }

        return requests;
    }
}
