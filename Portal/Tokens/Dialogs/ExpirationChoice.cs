using System.Globalization;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Dialogs;

/// <summary>The selected expiration of a key: a preset, a custom time, or never.</summary>
public sealed class ExpirationChoice
{
    public const string Custom = "custom";
    public const string Perpetual = "perpetual";

    /// <summary>The current expiration. Offered if a key is replaced before it expires.</summary>
    public const string Keep = "keep";

    private const string PreferredPreset = "90 days";

    /// <summary>A preset as in the configuration, or one of the constants above.</summary>
    public string Kind { get; set; } = PreferredPreset;

    /// <summary>The text of the field, in the time zone of the browser.</summary>
    public string CustomText { get; set; } = "";

    /// <summary>The entered time, UTC; null: empty or invalid.</summary>
    public DateTime? CustomMoment { get; private set; }

    /// <summary>The expiration for <see cref="Keep"/>, UTC; null: never.</summary>
    public DateTime? Present { get; init; }

    /// <summary>90 days if offered, otherwise the first preset, otherwise a custom time.</summary>
    public static string DefaultKind(IReadOnlyList<string> presets) =>
        presets.Contains(PreferredPreset) ? PreferredPreset : presets.Count > 0 ? presets[0] : Custom;

    /// <param name="iso">ISO 8601 with a zone, or null. A time outside the years 1 to 9999 is invalid.</param>
    public void SetCustom(string text, string? iso)
    {
        CustomText = text;
        CustomMoment = DateTime.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>The resulting expiration, UTC; null: never, or unknown.</summary>
    public DateTime? EndFrom(DateTime now) => Kind switch
    {
        Perpetual => null,
        Keep => Present,
        Custom => CustomMoment,
        _ => ExpirationPreset.Parse(Kind)?.EndFrom(WholeSeconds.Of(now)),
    };

    /// <summary>The error message; null: valid.</summary>
    public string? Check(DateTime now) => Kind switch
    {
        Custom when CustomText.Length == 0 => Texts.ExpirationChoice_Empty,
        Custom when CustomMoment is null => Texts.ExpirationChoice_Invalid,
        // Only Perpetual means never. An invalid preset must not.
        not (Perpetual or Keep) when EndFrom(now) is null => Texts.ExpirationChoice_Missing,
        _ => TokenRules.CheckExpiration(EndFrom(now), now),
    };
}
