using System.Buffers;
using System.Globalization;
using System.Text;

namespace Portal.Authentication;

/// <summary>Interprets text like a server that normalizes Unicode (NFKC, case folding) or converts it to a smaller character set, as far as that can
/// produce characters that matter in a path.</summary>
/// <remarks>The framework's own normalization depends on the version of the ICU library, and doesn't know the look-alikes. The tables hold
/// every character of Unicode whose compatibility form contains one of <c>. / \ % ; ? #</c> and could make a segment of
/// dots, the digits that could complete an escape, and the look-alikes that character set conversions map.</remarks>
internal static class UnicodeNormalization
{
    /// <summary>The maximum number of bytes of a character in UTF-8.</summary>
    public const int LongestCharacter = 4;

    /// <param name="text">UTF-8; invalid bytes are kept.</param>
    /// <param name="normalized">A copy, if normalizing changes the text.</param>
    /// <returns>False if normalizing doesn't change the text.</returns>
    public static bool TryNormalize(ReadOnlySpan<byte> text, out Span<byte> normalized)
    {
        normalized = default;
        if (Ascii.IsValid(text))
            return false;
        var result = new ArrayBufferWriter<byte>(text.Length);
        var changed = false;
        for (int length; !text.IsEmpty; text = text[length..])
        {
            var isCharacter = Rune.DecodeFromUtf8(text, out var rune, out length) == OperationStatus.Done;
            if (!isCharacter || rune.IsAscii)
                result.Write(text[..length]);
            else if (IsIgnored(rune))
                changed = true;
            else if (PlainText(rune.Value) is { IsEmpty: false } plain)
            {
                result.Write(plain);
                changed = true;
            }
            else if (PlainCharacter(rune.Value) is > 0 and var character)
            {
                result.Write([(byte)character]);
                changed = true;
            }
            else
                result.Write(text[..length]);
        }

        normalized = changed ? result.WrittenSpan.ToArray() : default;
        return changed;
    }

    /// <summary>The invisible characters that normalization with case folding (NFKC_Casefold) drops.</summary>
    private static bool IsIgnored(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2065 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    private static ReadOnlySpan<byte> PlainText(int character) => character switch
    {
        0x2025 or 0xFE30 => ".."u8,
        0x2026 or 0xFE19 => "..."u8,
        0x2047 => "??"u8,
        0x2048 => "?!"u8,
        0x2049 => "!?"u8,
        0x2100 => "a/c"u8,
        0x2101 => "a/s"u8,
        0x2105 => "c/o"u8,
        0x2106 => "c/u"u8,
        _ => [],
    };

    /// <returns>0 if it has no plain form that matters.</returns>
    private static int PlainCharacter(int character) => character switch
    {
        0x2024 or 0xFE52 => '.',
        0xFE68 => '\\',
        0xFE6A => '%',
        0x037E or 0xFE14 or 0xFE54 => ';',
        0xFE16 or 0xFE56 => '?',
        0xFE5F => '#',
        0x00A0 or (>= 0x2000 and <= 0x200A) or 0x202F or 0x205F or 0x3000 => ' ',
        // The full-width forms have the order of ASCII.
        >= 0xFF01 and <= 0xFF5E => character - 0xFF01 + '!',
        _ => LookAlike(character) is > 0 and var plain ? plain : Digit(character),
    };

    /// <summary>Maps characters that no normalization changes, but that conversions to smaller character sets and the rules of domain names
    /// do.</summary>
    private static int LookAlike(int character) => character switch
    {
        0x0701 or 0x0702 or 0x3002 or 0xA4F8 or 0xFF61 => '.',
        0x1735 or 0x2044 or 0x2215 or 0x2571 or 0x27CB or 0x29F8 => '/',
        0x00A5 or 0x20A9 or 0x2216 or 0x27CD or 0x29F5 or 0x29F9 or 0xFFE5 or 0xFFE6 => '\\',
        0x066A => '%',
        _ => 0,
    };

    /// <summary>Maps superscript, subscript, circled and mathematical digits and letters.</summary>
    private static int Digit(int character) => character switch
    {
        0x00B9 => '1',
        0x00B2 or 0x00B3 => character - 0x00B2 + '2',
        0x2070 or (>= 0x2074 and <= 0x2079) => character - 0x2070 + '0',
        >= 0x2080 and <= 0x2089 => character - 0x2080 + '0',
        >= 0x2460 and <= 0x2468 => character - 0x2460 + '1',
        0x24EA => '0',
        >= 0x24B6 and <= 0x24CF => character - 0x24B6 + 'A',
        >= 0x24D0 and <= 0x24E9 => character - 0x24D0 + 'a',
        >= 0x1D400 and <= 0x1D6A3 => ((character - 0x1D400) % 52) is < 26 and var capital ? capital + 'A' : ((character - 0x1D400) % 52) - 26 + 'a',
        >= 0x1D7CE and <= 0x1D7FF => ((character - 0x1D7CE) % 10) + '0',
        >= 0x1FBF0 and <= 0x1FBF9 => character - 0x1FBF0 + '0',
        _ => 0,
    };
}
