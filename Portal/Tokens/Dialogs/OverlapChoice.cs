using System.Globalization;
using Portal.Localization;

namespace Portal.Tokens.Dialogs;

/// <summary>The unit of a custom overlap.</summary>
public enum OverlapUnit
{
    Minutes,
    Hours,
    Days,
}

/// <summary>The selected time for which the current key keeps working after a rotation.</summary>
public sealed class OverlapChoice
{
    public const string AtOnce = "at once";
    public const string Custom = "custom";

    /// <summary>Beyond every valid number, and small enough to calculate dates with.</summary>
    private const int Most = 1_000_000;

    /// <summary>Preselected for a token that is in use.</summary>
    public const string OneDay = "24 hours";

    /// <summary>The presets, with their titles.</summary>
    public static readonly IReadOnlyList<(string Kind, TimeSpan Duration, Func<string> Title)> Presets =
    [
        ("1 hour", TimeSpan.FromHours(1), () => Texts.OverlapPicker_After1Hour),
        (OneDay, TimeSpan.FromHours(24), () => Texts.OverlapPicker_After24Hours),
        ("7 days", TimeSpan.FromDays(7), () => Texts.OverlapPicker_After7Days),
    ];

    /// <summary>A preset, or one of the constants above.</summary>
    public string Kind { get; set; } = AtOnce;

    /// <summary>The entered number.</summary>
    public string Count { get; set; } = "";

    public OverlapUnit Unit { get; set; } = OverlapUnit.Hours;

    /// <summary>The selected overlap; null: the entered text isn't a duration.</summary>
    public TimeSpan? Duration => Kind switch
    {
        AtOnce => TimeSpan.Zero,
        Custom => Typed(),
        _ => Presets.FirstOrDefault(preset => preset.Kind == Kind).Duration,
    };

    /// <summary>When the current key stops working; null: immediately, or the entered text isn't a duration.</summary>
    /// <param name="present">The expiration of the current key, UTC; null: never. It isn't extended.</param>
    public DateTime? EndFrom(DateTime now, DateTime? present) =>
        Duration is not { Ticks: > 0 } duration ? null
        : now + duration is var end && end < (present ?? DateTime.MaxValue) ? end
        : present;

    /// <summary>The error message; null: valid.</summary>
    public string? Check() =>
        Kind == Custom && Count.Trim().Length == 0 ? Texts.OverlapChoice_Empty
        : Duration is not { } duration || (Kind == Custom && duration == TimeSpan.Zero) ? Texts.OverlapChoice_Invalid
        : TokenRules.CheckOverlap(duration);

    private TimeSpan? Typed()
    {
        var digits = Count.Trim();
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            return null;
        // A number that doesn't fit is too long, whatever its unit.
        var count = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, Most) : Most;
        return Unit switch
        {
            OverlapUnit.Minutes => TimeSpan.FromMinutes(count),
            OverlapUnit.Hours => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        };
    }
}
