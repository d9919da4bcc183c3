using System.Globalization;
using Portal.Localization;

namespace Portal.Tokens.Create;

/// <summary>When a new token starts to work: at once, or later.</summary>
public sealed class StartChoice
{
    public bool IsLater { get; set; }

    /// <summary>The text of the field, in the time zone of the browser.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The entered time, UTC; null: empty or invalid.</summary>
    public DateTime? Moment { get; private set; }

    /// <summary>The start, UTC; null: at once, or unknown.</summary>
    public DateTime? Start => IsLater ? Moment : null;

    /// <param name="iso">ISO 8601 with a zone, or null. A time outside the years 1 to 9999 is invalid.</param>
    public void Set(string text, string? iso)
    {
        Text = text;
        Moment = DateTime.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>The error message; null: valid.</summary>
    public string? Check(DateTime now, DateTime? expiresAt) =>
        !IsLater ? null
        : Text.Length == 0 ? Texts.StartChoice_Empty
        : Moment is null ? Texts.StartChoice_Invalid
        : TokenRules.CheckStart(Moment, expiresAt, now);
}
