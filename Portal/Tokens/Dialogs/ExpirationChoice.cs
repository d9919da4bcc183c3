using Portal.Data;
using System.Globalization;

namespace Portal.Tokens.Dialogs;

/// <summary>What someone picks as a key's end: a preset, a moment of their own, or never.</summary>
public sealed class ExpirationChoice
{
    public const string Custom = "custom";
    public const string Perpetual = "perpetual";

    /// <summary>As it is now; offered when a key is replaced before its end.</summary>
    public const string Keep = "keep";

    private const string PreferredPreset = "90 days";

    /// <summary>A preset as the configuration writes it, or one of the words above.</summary>
    public string Kind { get; set; } = PreferredPreset;

    /// <summary>What was typed into the field, in the browser's time zone.</summary>
    public string CustomText { get; set; } = "";

    /// <summary>What it means, UTC; null: nothing was typed, or it is no moment.</summary>
    public DateTime? CustomMoment { get; private set; }

    /// <summary>The end that <see cref="Keep"/> stands for, UTC; null: never.</summary>
    public DateTime? Present { get; init; }

    /// <summary>90 days if they are on offer, else the first preset, else a moment of one's own.</summary>
    public static string DefaultKind(IReadOnlyList<string> presets) =>
        presets.Contains(PreferredPreset) ? PreferredPreset : presets.Count > 0 ? presets[0] : Custom;

    /// <param name="iso">ISO 8601 with a zone, or null; what does not fit between the years 1 and 9999 is no moment.</param>
    public void SetCustom(string text, string? iso)
    {
        CustomText = text;
        CustomMoment = DateTime.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>The resulting moment, UTC; null: never, or not known yet.</summary>
    public DateTime? EndFrom(DateTime now) => Kind switch
    {
        Perpetual => null,
        Keep => Present,
        Custom => CustomMoment,
        _ => ExpirationPreset.Parse(Kind)?.EndFrom(WholeSeconds.Of(now)),
    };

    /// <summary>What is wrong; null: nothing.</summary>
    public string? Check(DateTime now) => Kind switch
    {
        Custom when CustomText.Length == 0 => "Enter a date and a time.",
        Custom when CustomMoment is null => "This is not a date and time within the next 100 years. Enter another one.",
        // Never is only what was asked for as such: a preset that is not understood does not end up there.
        not (Perpetual or Keep) when EndFrom(now) is null => "Choose when the key expires.",
        _ => TokenRules.CheckExpiration(EndFrom(now), now),
    };
}
