using System.Globalization;
using System.Text;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>A field of a token, to which an error message can refer.</summary>
public enum TokenField
{
    Name,
    ExternalId,
    Description,
    Expiration,
    Extension,
    Permissions,
    RateLimit,
    Overlap,
}

/// <summary>A validation error of a field. The message is for the user or program that sent the value.</summary>
public sealed record Fault(TokenField Field, string Message);

/// <summary>Validates the fields of a token. Each check returns an error message; null: valid.</summary>
public static class TokenRules
{
    /// <summary>The longest time that the previous key may keep working after a rotation.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    public static string? CheckName(string? name) =>
        string.IsNullOrWhiteSpace(name) || !name.EnumerateRunes().Any(IsVisible)
            ? "Enter a name."
            : TextRules.Check(name.Trim(), "name", Token.NameLength);

    public static string? CheckExternalId(string? externalId) => TextRules.Check(externalId?.Trim() ?? "", "external ID", Token.ExternalIdLength, mayBeNumber: true);

    public static string? CheckDescription(string? description) =>
        TextRules.Check((TextRules.CleanLines(description) ?? "").Replace('\n', ' '), "description", Token.DescriptionLength);

    /// <param name="expiresAt">UTC; null: never.</param>
    public static string? CheckExpiration(DateTime? expiresAt, DateTime now) =>
        expiresAt <= now ? "The expiration must be in the future."
        : expiresAt >= now.AddYears(100) ? "The expiration must be within the next 100 years. For a token that never expires, choose Perpetual."
        : null;

    /// <param name="overlap">Null: none.</param>
    public static string? CheckOverlap(TimeSpan? overlap) =>
        overlap < TimeSpan.Zero ? "The overlap can't be negative."
        : overlap > LongestOverlap ? "The overlap can be 30 days at most."
        : overlap is { Ticks: var ticks } && ticks % TimeSpan.TicksPerSecond != 0 ? "The overlap must be in whole seconds."
        : null;

    public static string? CheckRateLimit(RateLimit limit) =>
        limit.Requests is >= 1 and <= RateLimit.Most && Enum.IsDefined(limit.Per) ? null : "Enter a whole number of requests, 1 to 1,000,000.";

    public static string NameInUse(string name) => $"The name \"{name}\" is already used by another token. Choose a different one.";

    /// <summary>The form in which names are compared: without surrounding spaces, case and invisible characters, so that
    /// no two names look the same and differ.</summary>
    internal static string NameKey(string name) => string.Concat(name.EnumerateRunes().Where(IsNotFormat)).Trim().ToUpperInvariant();

    /// <summary>The text in which a search looks.</summary>
    internal static string SearchText(string handle, string name, string? externalId, string? description) =>
        string.Join('\n', handle, name.Trim(), TextRules.Clean(externalId), TextRules.CleanLines(description)).ToUpperInvariant();

    /// <summary>Hangul fillers and the empty Braille pattern are letters and symbols by their category, and blank.</summary>
    private static bool IsVisible(Rune rune) =>
        rune.Value is not (0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool IsNotFormat(Rune rune) => Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format;
}
