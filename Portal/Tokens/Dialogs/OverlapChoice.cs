using System.Globalization;

namespace Portal.Tokens.Dialogs;

/// <summary>A unit in which someone types an overlap.</summary>
public enum OverlapUnit
{
    Minutes,
    Hours,
    Days,
}

/// <summary>What someone picks for how long the present key still works beside the new one.</summary>
public sealed class OverlapChoice
{
    public const string AtOnce = "at once";
    public const string Custom = "custom";

    /// <summary>What is offered without typing.</summary>
    public static readonly IReadOnlyList<(string Kind, TimeSpan Duration)> Presets =
        [("1 hour", TimeSpan.FromHours(1)), ("24 hours", TimeSpan.FromHours(24)), ("7 days", TimeSpan.FromDays(7))];

    /// <summary>A preset or one of the words above.</summary>
    public string Kind { get; set; } = AtOnce;

    /// <summary>What was typed.</summary>
    public string Count { get; set; } = "";

    public OverlapUnit Unit { get; set; } = OverlapUnit.Hours;

    /// <summary>Null: what was typed is none.</summary>
    public TimeSpan? Duration => Kind switch
    {
        AtOnce => TimeSpan.Zero,
        Custom => Typed(),
        _ => Presets.FirstOrDefault(preset => preset.Kind == Kind).Duration,
    };

    /// <summary>What is wrong; null: nothing.</summary>
    public string? Check() =>
        Kind == Custom && Count.Trim().Length == 0 ? "Enter a duration."
        : Duration is not { } duration || (Kind == Custom && duration == TimeSpan.Zero) ? "Enter a whole number, 1 or more."
        : TokenRules.CheckOverlap(duration);

    private TimeSpan? Typed()
    {
        if (!int.TryParse(Count.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        return Unit switch
        {
            OverlapUnit.Minutes => TimeSpan.FromMinutes(count),
            OverlapUnit.Hours => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(Math.Min(count, 1_000_000)),
        };
    }
}
