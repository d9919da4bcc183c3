using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Portal.Data;
using Portal.Localization;

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
    MayOutlive,
    Addresses,
    Owner,
    Contact,
    Start,
    PerpetualReason,
    NoticeDays,

    /// <summary>The note of a request for approval.</summary>
    ApprovalNote,
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
            ? Texts.TokenRules_NameMissing
            : TextRules.Check(name.Trim(), Texts.TokenRules_NameField, Token.NameLength);

    public static string? CheckExternalId(string? externalId) => TextRules.Check(externalId?.Trim() ?? "", Texts.TokenRules_ExternalIdField, Token.ExternalIdLength, allowLongHex: true);

    public static string? CheckDescription(string? description) =>
        TextRules.Check((TextRules.CleanLines(description) ?? "").Replace('\n', ' '), Texts.TokenRules_DescriptionField, Token.DescriptionLength);

    /// <param name="contact">Empty or null: none.</param>
    public static string? CheckContact(string? contact) =>
        TextRules.Clean(contact) is not { } email ? null
        : email.Length > Token.ContactLength || !new EmailAddressAttribute().IsValid(email) || TextRules.Check(email, Texts.Token_Contact, Token.ContactLength) is not null ? Texts.TokenRules_ContactInvalid
        : null;

    /// <param name="reason">Why a token has no expiration. Empty or null: none.</param>
    public static string? CheckPerpetualReason(string? reason) =>
        TextRules.Check((TextRules.CleanLines(reason) ?? "").Replace('\n', ' '), Texts.Token_PerpetualReason, Token.ReasonLength);

    /// <param name="expiresAt">UTC; null: never.</param>
    public static string? CheckExpiration(DateTime? expiresAt, DateTime now) =>
        expiresAt <= now ? Texts.TokenRules_ExpirationPast
        : expiresAt >= now.AddYears(100) ? Texts.TokenRules_ExpirationTooFar
        : null;

    /// <param name="startsAt">UTC; null: at once.</param>
    /// <param name="expiresAt">UTC; null: never.</param>
    public static string? CheckStart(DateTime? startsAt, DateTime? expiresAt, DateTime now) =>
        startsAt <= now ? Texts.TokenRules_StartPast
        : startsAt >= expiresAt ? Texts.TokenRules_StartAfterEnd
        : startsAt >= now.AddYears(5) ? Texts.TokenRules_StartTooFar
        : null;

    /// <param name="overlap">Null: none.</param>
    public static string? CheckOverlap(TimeSpan? overlap) =>
        overlap < TimeSpan.Zero ? Texts.TokenRules_OverlapNegative
        : overlap > LongestOverlap ? Texts.TokenRules_OverlapTooLong
        : overlap is { Ticks: var ticks } && ticks % TimeSpan.TicksPerSecond != 0 ? Texts.TokenRules_OverlapFraction
        : null;

    public static string? CheckRateLimit(RateLimit limit) =>
        limit.Requests is >= 1 and <= RateLimit.Most && Enum.IsDefined(limit.Per) ? null : Texts.TokenRules_RateLimitRange.With(RateLimit.Most);

    public static string NameInUse(string name) => Texts.TokenRules_NameInUse.With(name);

    /// <summary>The form in which names are compared: without surrounding spaces, case and invisible characters, so that
    /// no two names look the same and differ.</summary>
    internal static string NameKey(string name) => string.Concat(name.EnumerateRunes().Where(IsNotFormat)).Trim().ToUpperInvariant();

    /// <summary>The text in which a search looks.</summary>
    internal static string SearchText(string handle, string name, string? externalId, string? description) =>
        string.Join('\n', handle, name.Trim(), TextRules.Clean(externalId), TextRules.CleanLines(description)).ToUpperInvariant();

    /// <summary>Whether a character is visible. Hangul fillers and the empty Braille pattern are blank, although Unicode classifies them as
    /// letters and symbols.</summary>
    private static bool IsVisible(Rune rune) =>
        rune.Value is not (0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool IsNotFormat(Rune rune) => Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format;
}
