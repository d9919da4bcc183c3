using System.Globalization;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;

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

    /// <summary>Why the key has no expiration.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Whether the key would have no expiration.</summary>
    public bool IsPerpetual => Kind == Perpetual || (Kind == Keep && Present is null);

    /// <summary>The expiration for <see cref="Keep"/>, UTC; null: never.</summary>
    public DateTime? Present { get; init; }

    /// <summary>90 days if offered, otherwise the first preset, otherwise a custom time.</summary>
    public static string DefaultKind(IReadOnlyList<string> presets) =>
        presets.Contains(PreferredPreset) ? PreferredPreset : presets.Count > 0 ? presets[0] : Custom;

    /// <summary>The proposal of the policy or, if it proposes none or forbids it, the same as without a policy or, if that is forbidden, the longest allowed preset.</summary>
    public static string DefaultKind(IReadOnlyList<string> presets, EffectivePolicy policy, DateTime now)
    {
        var usual = DefaultKind(presets);
        string?[] candidates = [policy.DefaultPreset, usual, .. presets.OrderByDescending(preset => ExpirationPreset.Parse(preset)?.EndFrom(now))];
        return candidates.FirstOrDefault(kind =>
            kind is not null && (kind is Custom or Perpetual || presets.Contains(kind)) && Against(kind, policy, now) is null) ?? Custom;
    }

    /// <summary>What the policy has against a preset or <see cref="Perpetual"/>; null: nothing. A missing reason doesn't count.</summary>
    public static PolicyViolation? Against(string kind, EffectivePolicy policy, DateTime now) =>
        kind == Custom || (kind != Perpetual && ExpirationPreset.Parse(kind) is null) ? null
        : policy.CheckExpiration(ExpirationPreset.Parse(kind)?.EndFrom(WholeSeconds.Of(now)), "-", WholeSeconds.Of(now));

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

    /// <summary>What the policy has against the choice, including a missing reason; null: nothing.</summary>
    public PolicyViolation? Against(EffectivePolicy policy, DateTime now) => policy.CheckExpiration(EndFrom(now), Reason, now);

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
