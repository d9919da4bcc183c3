using Portal.Access;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;

namespace Portal.Tokens.Approvals;

/// <summary>Finds out which rules of the policy require approval of a change. Pages ask it beforehand; <see cref="TokenService"/> asks it again as part of
/// the change.</summary>
public static class ApprovalRules
{
    /// <summary>Whether changes of this person can need approval.</summary>
    public static bool ApplyTo(Actor actor) => actor.Kind == ActorKind.User && !actor.May(Role.Administrator);

    /// <summary>What a new token needs.</summary>
    public static ApprovalNeed OfNew(EffectivePolicy policy, ModuleCatalog catalog, NewToken wanted, DateTime now) =>
        OfModules(policy, catalog, hadAll: false, [], TokenService.GrantFor(catalog.FindExtension(wanted.ExtensionId), wanted.Modules)) with
        {
            LifetimeDays = policy.FindLifetimeToApprove(wanted.ExpiresAt, now),
        };

    /// <summary>What new modules of a token need. Modules that it already has need nothing.</summary>
    /// <param name="hadAll">Whether the token has all modules together.</param>
    /// <param name="had">The IDs of the modules that the token has.</param>
    public static ApprovalNeed OfModules(EffectivePolicy policy, ModuleCatalog catalog, bool hadAll, IReadOnlyCollection<string> had, ModuleChoice wanted)
    {
        if (hadAll)
            return ApprovalNeed.None;
        string[] added = wanted.AllModules ? [] : [.. wanted.ModuleIds.Except(had)];
        return policy.FindApproval(wanted.AllModules, added.Length > 0 && catalog.Modules.All(module => wanted.ModuleIds.Contains(module.Id)), added);
    }

    /// <summary>What a key that replaces another one needs. One that ends no later than the current key needs nothing, so that a key that may be known to
    /// others can always be replaced.</summary>
    /// <param name="presentEnd">When the current key ends, UTC; null: never.</param>
    /// <param name="expiresAt">UTC; null: never.</param>
    public static ApprovalNeed OfKey(EffectivePolicy policy, DateTime? presentEnd, DateTime? expiresAt, DateTime now) =>
        presentEnd is null || (expiresAt <= presentEnd && presentEnd > now) ? ApprovalNeed.None
        : ApprovalNeed.None with { LifetimeDays = policy.FindLifetimeToApprove(expiresAt, now) };

    /// <summary>The rules as sentences.</summary>
    public static IReadOnlyList<string> Describe(ApprovalNeed need, ModuleCatalog catalog) =>
    [
        .. new[]
        {
            need.AllModules ? Texts.Approval_AllModules : null,
            need.Modules.Count > 0 ? Texts.Approval_Modules.With(string.Join(", ", need.Modules.Select(id => catalog.FindModule(id)?.Name ?? id))) : null,
            need.LifetimeDays is { } days ? TextFormat.Count(days, Texts.Approval_Lifetime_One, Texts.Approval_Lifetime_Other) : null,
        }.OfType<string>(),
    ];

    /// <summary>Checks the note of a request or the comment of a decision.</summary>
    /// <param name="text">Null or empty: none.</param>
    /// <returns>The error message; null: valid.</returns>
    public static string? CheckNote(string? text, string what) =>
        TextRules.Check((TextRules.CleanLines(text) ?? "").Replace('\n', ' '), what, ApprovalRequest.NoteLength);
}
