using System.Globalization;
using System.Text;
using Portal.Localization;

namespace Portal.Data;

/// <summary>The rules for every text that a person or program enters and Portal stores.</summary>
public static class TextRules
{
    /// <summary>Trims the text; null if nothing is left.</summary>
    public static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Does the same for a text of several lines, and ends each with a line feed, whatever the browser sent.</summary>
    public static string? CleanLines(string? text) => Clean(text)?.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    /// <summary>Checks a text.</summary>
    /// <param name="what">The field, as the person knows it and in their language.</param>
    /// <param name="allowLongHex">Whether long hexadecimal numbers are allowed: identifiers of other systems may look like that.</param>
    /// <param name="longest">The maximum length in characters.</param>
    /// <returns>The error message; null if the text is valid.</returns>
    public static string? Check(string text, string what, int longest, bool allowLongHex = false)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune) || IsLineSeparator(rune))
                return Texts.Text_ControlCharacter.With(what, length);
            if (IsDirectionControl(rune))
                return Texts.Text_DirectionControl.With(what, length);
        }

        if (length > longest)
            return Texts.Text_TooLong.With(what, length, longest);
        return (allowLongHex ? SecretText.HoldsKey(text) : SecretText.Holds(text))
            ? Texts.Text_Secret.With(what)
            : null;
    }

    private static bool IsLineSeparator(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Whether the character is an embedding, override or isolate. These can make a name look like another one. Letters of right-to-left
    /// scripts are allowed.</summary>
    private static bool IsDirectionControl(Rune rune) =>
        rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x061C;
}
