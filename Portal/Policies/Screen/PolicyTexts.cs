using Portal.Catalog;
using Portal.Localization;
using Portal.Tokens;
using Portal.Tokens.Dialogs;

namespace Portal.Policies.Screen;

/// <summary>The rules of a policy in the reader's language.</summary>
internal static class PolicyTexts
{
    /// <summary>The rules that are set, one phrase each.</summary>
    public static IReadOnlyList<string> Describe(PolicyRules rules, ModuleCatalog catalog) =>
    [
        .. new[]
        {
            Count(rules.MaximumLifetimeDays, Texts.Policies_SumLifetime_One, Texts.Policies_SumLifetime_Other),
            Perpetual(rules),
            rules.DefaultPreset is { } preset ? Texts.Policies_SumPreset.With(Preset(preset)) : null,
            Count(rules.MostTokensPerExtension, Texts.Policies_SumPerExtension_One, Texts.Policies_SumPerExtension_Other),
            Count(rules.MostTokensPerOwner, Texts.Policies_SumPerOwner_One, Texts.Policies_SumPerOwner_Other),
            Count(rules.RotateEveryDays, Texts.Policies_SumRotate_One, Texts.Policies_SumRotate_Other),
            Count(rules.DisableIdleAfterDays, Texts.Policies_SumIdle_One, Texts.Policies_SumIdle_Other),
            rules.AddressesRequired switch { true => Texts.Policies_SumAddresses, false => Texts.Policies_SumNoAddresses, _ => null },
            Count(rules.ApprovalLifetimeDays, Texts.Policies_SumApprovalLifetime_One, Texts.Policies_SumApprovalLifetime_Other),
            Modules(rules.ApprovalModules, catalog),
        }.OfType<string>(),
    ];

    public static string Perpetual(PerpetualAnswer answer, bool isExtension) => answer switch
    {
        PerpetualAnswer.Allowed => Texts.Policies_PerpetualAllowed,
        PerpetualAnswer.WithReason => Texts.Policies_PerpetualReason,
        PerpetualAnswer.Forbidden => Texts.Policies_PerpetualForbidden,
        _ => isExtension ? Texts.Policies_AsAccount : Texts.Policies_PerpetualUnset,
    };

    public static string Preset(string kind) => kind switch
    {
        ExpirationChoice.Custom => Texts.ExpirationPicker_Custom,
        ExpirationChoice.Perpetual => Texts.ExpirationPicker_Perpetual,
        _ => ExpirationPreset.Parse(kind)?.Describe() ?? kind,
    };

    private static string? Perpetual(PolicyRules rules) => new PolicyForm(rules).Perpetual switch
    {
        PerpetualAnswer.Allowed => Texts.Policies_SumPerpetual,
        PerpetualAnswer.WithReason => Texts.Policies_SumPerpetualReason,
        PerpetualAnswer.Forbidden => Texts.Policies_SumNoPerpetual,
        _ => null,
    };

    private static string? Modules(IReadOnlyList<string>? ids, ModuleCatalog catalog) =>
        ids is null ? null
        : ids.Count == 0 ? Texts.Policies_SumApprovalNone
        : Texts.Policies_SumApprovalModules.With(string.Join(", ", ids.Select(id => id == PolicyRules.AnyModule ? Texts.Policies_ApprovalAll : catalog.FindModule(id)?.Name ?? id)));

    private static string? Count(int? number, string one, string other) => number is { } count ? TextFormat.Count(count, one, other) : null;
}
