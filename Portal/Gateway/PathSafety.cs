using System.Buffers;
using System.Globalization;
using System.Text;

namespace Portal.Gateway;

/// <summary>Tells whether any of the ways in which servers read a path could lead out of where it seems to be.</summary>
/// <remarks>
/// Servers differ: some decode twice or thrice, take <c>\</c> for <c>/</c>, leave out <c>;parameters</c>, accept
/// <c>%u002e</c>, UTF-8 that is longer than it may be, or full-width forms. What none of these can read as a <c>.</c> or
/// <c>..</c> segment is safe, however strange it looks.
/// </remarks>
internal static class PathSafety
{
    /// <summary>Nobody has a reason to encode more often than a client, a proxy and a framework together would.</summary>
    private const int MostRounds = 5;

    private const int SmallPath = 512;

    private static readonly SearchValues<char> Suspicious = SearchValues.Create("%\\;");
    private static readonly SearchValues<byte> Separators = SearchValues.Create("/\\;?#"u8);

    /// <param name="path">As it came over the wire: ASCII, without query.</param>
    public static bool StaysBelow(ReadOnlySpan<char> path) =>
        !path.ContainsAny(Suspicious) ? !path.Contains("/.", StringComparison.Ordinal) || !HasDotSegment(path) : Judge(path, HasFault);

    /// <summary>Whether the path could be read as <c>//host</c>.</summary>
    /// <param name="path">One that <see cref="StaysBelow"/>.</param>
    public static bool BeginsLikeAHost(ReadOnlySpan<char> path) => !Judge(path, BeginsWithTwoSlashes);

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        foreach (var segment in path.Split('/'))
            if (path[segment] is { Length: > 0 } text && !text.ContainsAnyExcept('.'))
                return true;
        return false;
    }

    /// <summary>Looks for the fault in the path as it is, and as it is after each round of decoding.</summary>
    private static bool Judge(ReadOnlySpan<char> path, Func<ReadOnlySpan<byte>, bool> hasFault)
    {
        var rented = path.Length > SmallPath ? ArrayPool<byte>.Shared.Rent(path.Length) : null;
        try
        {
            var text = rented is null ? stackalloc byte[SmallPath] : rented;
            text = text[..Encoding.ASCII.GetBytes(path, text)];
            for (var round = 0; round < MostRounds; round++)
            {
                if (hasFault(text) || (round == 0 && HasBrokenEscape(text)))
                    return false;
                var length = Fold(text[..Decode(text)]);
                if (length == text.Length)
                    return true;
                text = text[..length];
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
            if (text[i] < ' ' || text[i] == 0x7F || IsNeverUtf8(text[i..]))
                return true;
        foreach (var piece in text.SplitAny(Separators))
            if (text[piece].Trim((byte)' ') is { Length: > 0 } name && !name.ContainsAnyExcept((byte)'.'))
                return true;
        return false;
    }

    private static bool BeginsWithTwoSlashes(ReadOnlySpan<byte> text) => text is [(byte)'/' or (byte)'\\', (byte)'/' or (byte)'\\', ..];

    /// <summary>The beginnings of forms that are longer than need be, which some servers take for <c>.</c> and <c>/</c>.</summary>
    private static bool IsNeverUtf8(ReadOnlySpan<byte> text) => text[0] switch
    {
        0xC0 or 0xC1 or >= 0xF5 => true,
        0xE0 => text.Length < 2 || text[1] is < 0xA0 or > 0xBF,
        0xF0 => text.Length < 2 || text[1] is < 0x90 or > 0xBF,
        _ => false,
    };

    /// <summary>A <c>%</c> that stands for nothing is read differently by everyone.</summary>
    private static bool HasBrokenEscape(ReadOnlySpan<byte> text)
    {
        for (var i = text.IndexOf((byte)'%'); i >= 0; i = text.IndexOf((byte)'%'))
        {
            if (!TryReadEscape(text[i..], out _, out var length))
                return true;
            text = text[(i + length)..];
        }

        return false;
    }

    /// <summary>Decodes once, in place.</summary>
    /// <returns>The new length.</returns>
    private static int Decode(Span<byte> text)
    {
        var length = 0;
        for (var i = 0; i < text.Length; length++)
        {
            if (text[i] == '%' && TryReadEscape(text[i..], out var value, out var read))
                (text[length], i) = (value, i + read);
            else
                text[length] = text[i++];
        }

        return length;
    }

    /// <summary>Reads <c>%2e</c> or <c>%u002e</c>; of the latter, what is not ASCII becomes a letter, which harms nobody.</summary>
    private static bool TryReadEscape(ReadOnlySpan<byte> text, out byte value, out int length)
    {
        value = 0;
        length = 3;
        if (text.Length > 2 && byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
            return true;
        length = 6;
        if (text.Length < 6 || (text[1] | 0x20) != 'u' || !ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var wide))
            return false;
        value = Plain(wide) is > 0 and var plain ? plain : wide < 0x80 ? (byte)wide : (byte)'x';
        return true;
    }

    /// <summary>Replaces the characters that look like <c>. / \</c> in place, as some servers do.</summary>
    /// <returns>The new length.</returns>
    private static int Fold(Span<byte> text)
    {
        var length = 0;
        for (var i = 0; i < text.Length; length++)
        {
            var plain = text[i..] is [(0xE2 or 0xEF) and var first, var second, var third, ..]
                ? Plain((ushort)(((first & 0x0F) << 12) | ((second & 0x3F) << 6) | (third & 0x3F)))
                : (byte)0;
            (text[length], i) = plain == 0 ? (text[i], i + 1) : (plain, i + 3);
        }

        return length;
    }

    /// <summary>The one dot leader, the fraction and division slashes, the set minus, and the full-width forms.</summary>
    /// <returns>0: looks like none of these.</returns>
    private static byte Plain(ushort character) => character switch
    {
        0x2024 or 0xFF0E => (byte)'.',
        0x2044 or 0x2215 or 0xFF0F => (byte)'/',
        0x2216 or 0xFF3C => (byte)'\\',
        _ => 0,
    };
}
