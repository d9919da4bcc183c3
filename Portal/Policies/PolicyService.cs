using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;

namespace Portal.Policies;

/// <summary>Reads and saves the policies of an account.</summary>
public sealed class PolicyService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, ModuleCatalog catalog, AuditLog audit, AccessControl access, TimeProvider clock)
{
    /// <summary>The largest number of days in a rule: the longest lifetime of a key.</summary>
    public const int MostDays = 36_500;

    /// <summary>The largest number of tokens in a rule.</summary>
    public const int MostTokens = 1_000_000;

    /// <summary>The stored policies: that of the account first.</summary>
    public async Task<IReadOnlyList<StoredPolicy>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.TokenPolicies.AsNoTracking().Where(policy => policy.AccountId == actor.AccountId)
            .OrderBy(policy => policy.ExtensionId).ToListAsync(cancellation);
        return [.. stored.Select(Describe)];
    }

    /// <summary>The rules for the tokens of each extension of the catalog.</summary>
    public async Task<PolicyBook> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return new PolicyBook(await context.TokenPolicies.AsNoTracking().Where(policy => policy.AccountId == actor.AccountId).ToListAsync(cancellation));
    }

    /// <summary>Whether someone may create a token of an extension for an owner now. <see cref="PolicyStore"/> checks again when it is created.</summary>
    /// <returns>Null: they may.</returns>
    public async Task<PolicyViolation?> CheckCountsAsync(Actor actor, string extensionId, OwnerChoice owner, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var policy = await PolicyStore.ReadAsync(context, actor.AccountId, extensionId, cancellation);
        if (!policy.Counts)
            return null;
        return await PolicyStore.CheckExtensionAsync(context, actor.AccountId, policy, extensionId, cancellation)
            ?? await PolicyStore.CheckOwnerAsync(context, actor.AccountId, policy, extensionId, await PolicyStore.FindOwnerAsync(context, actor.AccountId, owner, cancellation), cancellation);
    }

    /// <summary>The rules that a token breaks. A deleted, disabled or expired token breaks none.</summary>
    public async Task<IReadOnlyList<PolicyViolation>> CheckTokenAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var (token, now) = (await context.Tokens.AsNoTracking().SingleOrDefaultAsync(token => token.AccountId == actor.AccountId && token.Handle == handle, cancellation), WholeSeconds.Now(clock));
        if (token is not { Status: StoredStatus.Active or StoredStatus.Pending } || token.ExpiresAt <= now)
            return [];
        var policy = await PolicyStore.ReadAsync(context, actor.AccountId, token.ExtensionId, cancellation);
        var keyCreatedAt = policy.RotateEveryDays is null ? now : await context.NewestSecretsOf(token.Id).Select(secret => secret.CreatedAt).FirstAsync(cancellation);
        PolicyViolation?[] violations =
        [
            policy.CheckExpiration(token.ExpiresAt, token.PerpetualReason, now),
            policy.CheckAddresses(!policy.AddressesRequired || await PolicyStore.HasAddressesAsync(context, token.Id, cancellation)),
            policy.CheckAge(keyCreatedAt, now),
        ];
        return [.. violations.OfType<PolicyViolation>()];
    }

    /// <summary>Replaces the policy of the account or of an extension.</summary>
    /// <param name="extensionId">Empty: the account.</param>
    /// <param name="version">The version that the administrator read.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<PolicyOutcome> SaveAsync(
        Actor actor, string extensionId, PolicyRules rules, Guid version, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        if (extensionId.Length > 0 && catalog.FindExtension(extensionId) is null)
            return new PolicyOutcome.Refused(Texts.TokenRules_ExtensionGone);
        var errors = Check(rules);
        return errors.Count > 0 ? new PolicyOutcome.Invalid(errors)
            : await writes.RunAsync(turn => SaveInTurnAsync(actor, extensionId, rules, version, turn), cancellation);
    }

    private async Task<PolicyOutcome> SaveInTurnAsync(Actor actor, string extensionId, PolicyRules rules, Guid version, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.TokenPolicies.SingleOrDefaultAsync(policy => policy.AccountId == actor.AccountId && policy.ExtensionId == extensionId, cancellation);
        if (version != (stored?.Version ?? Guid.Empty))
            return new PolicyOutcome.Conflict(stored is null ? Missing(extensionId) : Describe(stored));
        var before = (stored is null ? PolicyRules.None : PolicyRules.Of(stored)).Describe();
        var changed = rules.Describe().Where(rule => !Equals(before[rule.Key], rule.Value))
            .ToDictionary(rule => rule.Key, rule => (object?)new { before = before[rule.Key], after = rule.Value });
        if (changed.Count == 0)
            return new PolicyOutcome.Done();
        if (stored is null)
            context.TokenPolicies.Add(stored = new TokenPolicy { AccountId = actor.AccountId, ExtensionId = extensionId, UpdatedById = "", UpdatedByName = "" });
        rules.WriteTo(stored);
        (stored.UpdatedAt, stored.UpdatedById, stored.UpdatedByName, stored.Version) = (WholeSeconds.Now(clock), actor.Id, actor.Name, Guid.CreateVersion7());
        if (await PolicyStore.CheckCallerAsync(context, actor, stored, WholeSeconds.Now(clock), cancellation) is { } violation)
            return new PolicyOutcome.Refused(Texts.Policy_OwnToken.With(violation.Sentence));
        audit.Add(context, actor, AuditAction.PolicyChanged, actor.AccountId, extensionId.Length == 0 ? "account" : extensionId, changed);
        try
        {
            await context.SaveChangesAsync(cancellation);
            return new PolicyOutcome.Done();
        }
        catch (DbUpdateException exception) when (exception is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(exception))
        {
            return new PolicyOutcome.Conflict(await FindAsync(actor, extensionId, cancellation));
        }
    }

    private async Task<StoredPolicy> FindAsync(Actor actor, string extensionId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.TokenPolicies.AsNoTracking().SingleOrDefaultAsync(policy => policy.AccountId == actor.AccountId && policy.ExtensionId == extensionId, cancellation)
            is { } found ? Describe(found) : Missing(extensionId);
    }

    /// <summary>Checks rules before they are saved.</summary>
    public IReadOnlyList<PolicyError> Check(PolicyRules rules)
    {
        var errors = new List<PolicyError>();
        CheckNumber(PolicyField.MaximumLifetimeDays, rules.MaximumLifetimeDays, MostDays);
        CheckNumber(PolicyField.MostTokensPerExtension, rules.MostTokensPerExtension, MostTokens);
        CheckNumber(PolicyField.MostTokensPerOwner, rules.MostTokensPerOwner, MostTokens);
        CheckNumber(PolicyField.RotateEveryDays, rules.RotateEveryDays, MostDays);
        CheckNumber(PolicyField.DisableIdleAfterDays, rules.DisableIdleAfterDays, MostDays);
        CheckNumber(PolicyField.ApprovalLifetimeDays, rules.ApprovalLifetimeDays, MostDays);
        if (rules.DefaultPreset is { Length: > TokenPolicy.PresetLength })
            errors.Add(new PolicyError(PolicyField.DefaultPreset, Texts.Text_TooLong.With(Texts.Policies_DefaultPreset, rules.DefaultPreset.Length, TokenPolicy.PresetLength)));
        if (rules.ApprovalModules?.Where(id => id != PolicyRules.AnyModule && catalog.FindModule(id) is null).ToList() is { Count: > 0 } gone)
            errors.Add(new PolicyError(PolicyField.ApprovalModules, Texts.TokenRules_ModulesGone.With(string.Join(", ", gone))));
        return errors;

        void CheckNumber(PolicyField field, int? number, int most)
        {
            if (number is < 1 || number > most)
                errors.Add(new PolicyError(field, Texts.Policies_Number.With(most)));
        }
    }

    private static StoredPolicy Missing(string extensionId) => new(extensionId, PolicyRules.None, Guid.Empty, null, null);

    private static StoredPolicy Describe(TokenPolicy stored) =>
        new(stored.ExtensionId, PolicyRules.Of(stored), stored.Version, stored.UpdatedAt, stored.UpdatedByName);
}
