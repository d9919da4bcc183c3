using System.Buffers;
using System.Globalization;
using System.Text;

namespace Portal.Authentication;

/// <summary>Checks whether any server could interpret a path as leading outside its apparent location.</summary>
/// <remarks>Servers differ: some decode two or three times, treat <c>\</c> as <c>/</c>, ignore <c>;parameters</c>, or accept
/// <c>%u002e</c>, overlong UTF-8 and Unicode characters that normalize to dots and slashes. A path is safe only if none of
/// these readings contains a segment of dots alone.</remarks>
internal static class PathSafety
{
    /// <summary>The combination of a client, a proxy and a framework encodes no more often than this.</summary>
    private const int MostRounds = 5;

    private const int SmallPath = 512;

    private static readonly SearchValues<char> Suspicious = SearchValues.Create("%\\;");
    private static readonly SearchValues<byte> Separators = SearchValues.Create("/\\;?#"u8);
    private static readonly SearchValues<byte> DotsAndSpaces = SearchValues.Create(". "u8);

    /// <param name="path">The path as received: ASCII, without the query.</param>
    public static bool StaysBelow(ReadOnlySpan<char> path) =>
        path.ContainsAny(Suspicious) ? Judge(path, HasFault) : !path.Contains("/.", StringComparison.Ordinal) || !HasDotSegment(path);

    /// <summary>Whether the path could be read as <c>//host</c>.</summary>
    /// <param name="path">A path that passes <see cref="StaysBelow"/>.</param>
    public static bool BeginsLikeAHost(ReadOnlySpan<char> path) => path.ContainsAny(Suspicious)
        ? !Judge(path, BeginsWithTwoSlashes)
        : path.StartsWith("//", StringComparison.Ordinal);

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
            if (path[segment] is { Length: > 0 } text && !text.ContainsAnyExcept('.'))
                return true;
        return false;
    }

    /// <summary>Checks the path as received, and after each round of decoding and normalizing.</summary>
    private static bool Judge(ReadOnlySpan<char> path, Func<ReadOnlySpan<byte>, bool> hasFault)
    {
        var rented = path.Length > SmallPath ? ArrayPool<byte>.Shared.Rent(path.Length) : null;
        try
        {
            var text = rented is null ? stackalloc byte[SmallPath] : rented;
            text = text[..Encoding.ASCII.GetBytes(path, text)];
            if (HasBrokenEscape(text))
                return false;
            for (var round = 0; round < MostRounds; round++)
            {
                if (hasFault(text))
                    return false;
                var decoded = text[..Decode(text)];
                var changed = decoded.Length != text.Length;
                text = decoded;
                if (UnicodeNormalization.TryNormalize(text, out var normalized))
                {
                    text = normalized;
                    changed = true;
                }

                if (!changed)
                    return true;
            }

            return false;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool HasFault(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] < ' ' || text[i] == 0x7F || (text[i] > 0x7F && (IsNeverUtf8(text[i..]) || IsControl(text[i..]))))
                return true;
        foreach (var piece in text.SplitAny(Separators))
            if (text[piece].Contains((byte)'.') && !text[piece].ContainsAnyExcept(DotsAndSpaces))
                return true;
        return false;
    }

    private static bool BeginsWithTwoSlashes(ReadOnlySpan<byte> text) => text is [(byte)'/' or (byte)'\\', (byte)'/' or (byte)'\\', ..];

    /// <summary>Whether the text starts with part of an overlong form, which some servers decode to <c>.</c> or <c>/</c>.</summary>
    private static bool IsNeverUtf8(ReadOnlySpan<byte> text) => text[0] switch
    {
        0xC0 or 0xC1 or >= 0xF5 => true,
        0xE0 => text.Length < 2 || text[1] is < 0xA0 or > 0xBF,
        0xF0 => text.Length < 2 || text[1] is < 0x90 or > 0xBF,
        _ => false,
    };

    /// <summary>U+0080 to U+009F, and the line and paragraph separators.</summary>
    private static bool IsControl(ReadOnlySpan<byte> text) => text is [0xC2, >= 0x80 and <= 0x9F, ..] or [0xE2, 0x80, 0xA8 or 0xA9, ..];

    /// <summary>Servers disagree about a <c>%</c> that isn't followed by an escape.</summary>
    private static bool HasBrokenEscape(ReadOnlySpan<byte> text)
    {
        Span<byte> value = stackalloc byte[UnicodeNormalization.LongestCharacter];
        for (var i = text.IndexOf((byte)'%'); i >= 0; i = text.IndexOf((byte)'%'))
        {
            if (!TryReadEscape(text[i..], value, out _, out var length))
                return true;
            text = text[(i + length)..];
        }

        return false;
    }

    /// <summary>Decodes once, in place.</summary>
    /// <returns>The new length.</returns>
    private static int Decode(Span<byte> text)
    {
        Span<byte> value = stackalloc byte[UnicodeNormalization.LongestCharacter];
        var length = 0;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '%' && TryReadEscape(text[i..], value, out var written, out var read))
            {
                value[..written].CopyTo(text[length..]);
                (length, i) = (length + written, i + read);
            }
            else
                text[length++] = text[i++];
        }

        return length;
    }

    /// <summary>Reads <c>%2e</c> or <c>%u002e</c>.</summary>
    /// <param name="value">Receives the byte, or the character in UTF-8.</param>
    private static bool TryReadEscape(ReadOnlySpan<byte> text, Span<byte> value, out int written, out int read)
    {
        (written, read) = (1, 3);
        if (text.Length > 2 && byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value[0]))
            return true;
        read = 6;
        if (text.Length < 6 || (text[1] | 0x20) != 'u' || !ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var wide))
            return false;
        // Half of a surrogate pair isn't a character.
        written = (Rune.TryCreate((char)wide, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(value);
        return true;
    }
}
