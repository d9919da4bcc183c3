using System.Globalization;
using Portal.Localization;

namespace Portal.Tokens.Create;

/// <summary>When a token starts to work: at once or as planned, or at another time.</summary>
public sealed class StartChoice
{
    /// <summary>When it starts otherwise, UTC; null: at once.</summary>
    public DateTime? Planned { get; init; }

    public bool IsLater { get; set; }

    /// <summary>The text of the field, in the time zone of the browser.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The entered time, UTC; null: empty or invalid.</summary>
    public DateTime? Moment { get; private set; }

    /// <summary>The entered start, UTC; null: none, or unknown.</summary>
    public DateTime? Start => IsLater ? Moment : null;

    /// <param name="iso">ISO 8601 with a zone, or null. A time outside the years 1 to 9999 is invalid.</param>
    public void Set(string text, string? iso)
    {
        Text = text;
        Moment = DateTime.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>The same answer for a token that is planned to start at another time now.</summary>
    public StartChoice After(DateTime? planned) => new() { Planned = planned, IsLater = IsLater, Text = Text, Moment = Moment };

    /// <summary>The error message; null: valid.</summary>
    public string? Check(DateTime now, DateTime? expiresAt) =>
        !IsLater ? null
        : Text.Length == 0 ? (Planned is null ? Texts.StartChoice_Empty : Texts.StartChoice_EmptyChange)
        : Moment is null ? Texts.StartChoice_Invalid
        : TokenRules.CheckStart(Moment, expiresAt, now);
}
