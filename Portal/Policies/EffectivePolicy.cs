using Portal.Data;
using Portal.Localization;

namespace Portal.Policies;

/// <summary>A rule of a policy that a token can break.</summary>
public enum PolicyRule
{
    MaximumLifetime,
    Perpetual,
    PerpetualReason,
    TokensPerExtension,
    TokensPerOwner,
    RotateEvery,
    DisableIdle,
    Addresses,
}

/// <summary>A rule that a token breaks, or would break.</summary>
/// <param name="Sentence">What the policy requires, for people and programs. What to do next depends on the place.</param>
public sealed record PolicyViolation(PolicyRule Rule, string Sentence);

/// <summary>The rules for the tokens of an extension: each rule is that of the extension or, if it has none, that of the account. Everything that
/// applies a policy asks this class, so that the same rule is always described by the same sentence.</summary>
public sealed class EffectivePolicy
{
    public static readonly EffectivePolicy None = new(PolicyRules.None, PolicyRules.None);

    private readonly PolicyRules _rules;

    /// <param name="account">The rules of the account.</param>
    /// <param name="extension">The rules of the extension.</param>
    public EffectivePolicy(PolicyRules account, PolicyRules extension)
    {
        _rules = new PolicyRules
        {
            MaximumLifetimeDays = extension.MaximumLifetimeDays ?? account.MaximumLifetimeDays,
            PerpetualAllowed = extension.PerpetualAllowed ?? account.PerpetualAllowed,
            PerpetualReasonRequired = extension.PerpetualReasonRequired ?? account.PerpetualReasonRequired,
            DefaultPreset = extension.DefaultPreset ?? account.DefaultPreset,
            MostTokensPerExtension = extension.MostTokensPerExtension ?? account.MostTokensPerExtension,
            MostTokensPerOwner = extension.MostTokensPerOwner ?? account.MostTokensPerOwner,
            RotateEveryDays = extension.RotateEveryDays ?? account.RotateEveryDays,
            DisableIdleAfterDays = extension.DisableIdleAfterDays ?? account.DisableIdleAfterDays,
            AddressesRequired = extension.AddressesRequired ?? account.AddressesRequired,
            ApprovalModules = extension.ApprovalModules ?? account.ApprovalModules,
            ApprovalLifetimeDays = extension.ApprovalLifetimeDays ?? account.ApprovalLifetimeDays,
        };
        OwnerLimitIsOfExtension = extension.MostTokensPerOwner is not null;
    }

    public int? MaximumLifetimeDays => _rules.MaximumLifetimeDays;

    /// <summary>Whether a token may have no expiration. If no rule says so, a maximum lifetime rules it out.</summary>
    public bool PerpetualAllowed => _rules.PerpetualAllowed ?? MaximumLifetimeDays is null;

    /// <summary>Whether a token without expiration needs a reason.</summary>
    public bool PerpetualReasonRequired => _rules.PerpetualReasonRequired == true && PerpetualAllowed;

    /// <summary>The expiration that the wizard proposes; null: its own choice.</summary>
    public string? DefaultPreset => _rules.DefaultPreset;

    public int? MostTokensPerExtension => _rules.MostTokensPerExtension;

    public int? MostTokensPerOwner => _rules.MostTokensPerOwner;

    /// <summary>Whether <see cref="MostTokensPerOwner"/> counts only the owner's tokens with this extension.</summary>
    public bool OwnerLimitIsOfExtension { get; }

    public int? RotateEveryDays => _rules.RotateEveryDays;

    public int? DisableIdleAfterDays => _rules.DisableIdleAfterDays;

    public bool AddressesRequired => _rules.AddressesRequired == true;

    /// <summary>The latest end of a key; null: a key may have no end.</summary>
    public DateTime? LatestEnd(DateTime now) => PerpetualAllowed || MaximumLifetimeDays is not { } most ? null : now.AddDays(most);

    /// <summary>Whether a check must count tokens.</summary>
    internal bool Counts => MostTokensPerExtension is not null || MostTokensPerOwner is not null;

    /// <summary>Checks the end of a key.</summary>
    /// <param name="expiresAt">UTC; null: never.</param>
    /// <param name="reason">Why it has no expiration; null or empty: no reason is given.</param>
    /// <returns>Null: the policy allows it.</returns>
    public PolicyViolation? CheckExpiration(DateTime? expiresAt, string? reason, DateTime now) =>
        expiresAt is { } end ? CheckEnd(end, now)
        : !PerpetualAllowed ? new(PolicyRule.Perpetual, MaximumLifetimeDays is { } most ? LifetimeSentence(most) : Texts.Policy_NoPerpetual)
        : PerpetualReasonRequired && TextRules.Clean(reason) is null ? new(PolicyRule.PerpetualReason, Texts.Policy_Reason)
        : null;

    /// <summary>Checks whether a token has IP rules.</summary>
    public PolicyViolation? CheckAddresses(bool hasAddresses) =>
        AddressesRequired && !hasAddresses ? new(PolicyRule.Addresses, Texts.Policy_Addresses) : null;

    /// <summary>Checks the age of a key.</summary>
    /// <param name="keyCreatedAt">UTC.</param>
    public PolicyViolation? CheckAge(DateTime keyCreatedAt, DateTime now) =>
        RotateEveryDays is { } days && keyCreatedAt.AddDays(days) <= now
            ? new(PolicyRule.RotateEvery, TextFormat.Count(days, Texts.Policy_Rotate_One, Texts.Policy_Rotate_Other))
            : null;

    /// <summary>Checks whether a token is in use.</summary>
    /// <param name="usedAt">The last use or, before the first one, the time of creation, UTC.</param>
    public PolicyViolation? CheckIdle(DateTime usedAt, DateTime now) =>
        DisableIdleAfterDays is { } days && usedAt.AddDays(days) <= now
            ? new(PolicyRule.DisableIdle, TextFormat.Count(days, Texts.Policy_Idle_One, Texts.Policy_Idle_Other))
            : null;

    /// <summary>Finds the modules for which an Operator needs approval.</summary>
    /// <param name="all">Whether the token would get all modules together. They include those that the policy names.</param>
    /// <param name="isEvery">Whether the token would have every module of the catalog, which is the same as long as the catalog doesn't change.</param>
    /// <param name="modules">The IDs of the modules that the token would get and doesn't have yet.</param>
    public ApprovalNeed FindApproval(bool all, bool isEvery, IReadOnlyCollection<string> modules)
    {
        IReadOnlyList<string> named = _rules.ApprovalModules ?? [];
        return all ? ApprovalNeed.None with { AllModules = named.Count > 0 }
            : isEvery && named.Contains(PolicyRules.AnyModule) ? ApprovalNeed.None with { AllModules = true }
            : ApprovalNeed.None with { Modules = [.. named.Where(modules.Contains)] };
    }

    /// <summary>Whether an Operator needs approval for a key because of its end.</summary>
    /// <param name="expiresAt">UTC; null: never.</param>
    /// <returns>The lifetime, in days, that the key exceeds; null: no approval is needed.</returns>
    public int? FindLifetimeToApprove(DateTime? expiresAt, DateTime now) =>
        _rules.ApprovalLifetimeDays is { } days && !(expiresAt <= now.AddDays(days)) ? days : null;

    /// <param name="count">The number of tokens with the extension.</param>
    internal PolicyViolation? CheckExtensionCount(int count) =>
        MostTokensPerExtension is { } most && count >= most
            ? new(PolicyRule.TokensPerExtension, TextFormat.Count(most, Texts.Policy_PerExtension_One, Texts.Policy_PerExtension_Other))
            : null;

    /// <param name="count">The number of tokens of the owner.</param>
    internal PolicyViolation? CheckOwnerCount(int count) =>
        MostTokensPerOwner is { } most && count >= most ? new(PolicyRule.TokensPerOwner, OwnerSentence(most, OwnerLimitIsOfExtension)) : null;

    internal static string OwnerSentence(int most, bool isOfExtension) => isOfExtension
        ? TextFormat.Count(most, Texts.Policy_PerOwnerOfExtension_One, Texts.Policy_PerOwnerOfExtension_Other)
        : TextFormat.Count(most, Texts.Policy_PerOwner_One, Texts.Policy_PerOwner_Other);

    private PolicyViolation? CheckEnd(DateTime end, DateTime now) =>
        MaximumLifetimeDays is { } most && end > now.AddDays(most) ? new(PolicyRule.MaximumLifetime, LifetimeSentence(most)) : null;

    private static string LifetimeSentence(int most) => TextFormat.Count(most, Texts.Policy_Lifetime_One, Texts.Policy_Lifetime_Other);
}
