using Portal.Access;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Approvals;

namespace Portal.Tokens;

public sealed partial class TokenService
{
    /// <summary>Checks a new token. Its number is checked in the transaction that creates it.</summary>
    private static async Task<List<Fault>> CheckPolicyAsync(
        PortalDbContext context, Actor actor, EffectivePolicy policy, NewToken wanted, int? ownerId, DateTime now, CancellationToken cancellation) =>
        [.. new[]
        {
            policy.CheckExpiration(wanted.ExpiresAt, wanted.PerpetualReason, now),
            policy.CheckAddresses(wanted.Addresses.Count > 0),
            await PolicyStore.CheckExtensionAsync(context, actor.AccountId, policy, wanted.ExtensionId, cancellation),
            await PolicyStore.CheckOwnerAsync(context, actor.AccountId, policy, wanted.ExtensionId, ownerId, cancellation),
        }.OfType<PolicyViolation>().Select(violation => PolicyFaults.Of(violation, actor))];

    /// <summary>Checks the end of a key that replaces another one, and keeps the reason why it has none.</summary>
    /// <param name="reason">Null: the present reason.</param>
    /// <param name="grant">The consent to a request; null: the actor acts for themselves.</param>
    /// <param name="draft">The change, if it must wait for approval.</param>
    /// <returns>Null: the policy allows it.</returns>
    private async Task<TokenOutcome?> CheckNewKeyAsync(
        PortalDbContext context, Actor actor, Token token, DateTime? expiresAt, string? reason, DateTime now, ApprovalGrant? grant, Func<ApprovalDraft> draft,
        CancellationToken cancellation)
    {
        if (TokenRules.CheckPerpetualReason(reason) is { } fault)
            return new TokenOutcome.Invalid([new Fault(TokenField.PerpetualReason, fault)]);
        // Its clients may have it already.
        if (grant is not null && grant.ReplacesKey != NewestKeyOf(token))
            return new TokenOutcome.Refused(Texts.Approval_NewerKey);
        var why = expiresAt is null ? TextRules.Clean(reason) ?? token.PerpetualReason : null;
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        if (policy.CheckExpiration(expiresAt, why, now) is { } violation)
            return new TokenOutcome.Invalid([PolicyFaults.Of(violation, actor)]);
        // Invalid input isn't worth a request. The change itself reports it.
        var need = TokenRules.CheckExpiration(expiresAt, now) is null && !(token.StartsAt >= expiresAt) ? ApprovalRules.OfKey(policy, token.ExpiresAt, expiresAt, now) : ApprovalNeed.None;
        if (await CheckApprovalAsync(context, actor, need, grant, token.Handle, draft, cancellation) is { } waits)
            return waits;
        token.PerpetualReason = why;
        return null;
    }

    /// <summary>Checks a token that is about to work again.</summary>
    /// <returns>Null: the policy allows it.</returns>
    private static async Task<TokenOutcome.Refused?> CheckEnabledAsync(PortalDbContext context, Token token, DateTime now, CancellationToken cancellation)
    {
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        // An expired key doesn't work anyway.
        var violation = policy.CheckExpiration(token.ExpiresAt, token.PerpetualReason, now)
            ?? policy.CheckAddresses(!policy.AddressesRequired || await PolicyStore.HasAddressesAsync(context, token.Id, cancellation));
        return violation is null ? null : new TokenOutcome.Refused(PolicyFaults.BeforeEnabling(violation));
    }

    /// <summary>Checks a deleted token that is about to be restored, in the transaction that saves it.</summary>
    /// <param name="works">Whether it works again at once.</param>
    /// <returns>Null: the policy allows it.</returns>
    private static async Task<TokenOutcome.Refused?> CheckRestoredAsync(
        PortalDbContext context, Actor actor, Token token, bool works, DateTime now, CancellationToken cancellation)
    {
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        if (policy.Counts)
            await context.Database.BeginTransactionAsync(cancellation);
        var violation = await PolicyStore.CheckExtensionAsync(context, token.AccountId, policy, token.ExtensionId, cancellation)
            ?? await PolicyStore.CheckOwnerAsync(context, token.AccountId, policy, token.ExtensionId, token.OwnerId, cancellation);
        return violation is not null ? new TokenOutcome.Refused(PolicyFaults.Of(violation, actor).Message)
            : works ? await CheckEnabledAsync(context, token, now, cancellation)
            : null;
    }

    /// <summary>Checks the changed reason why a token has no expiration.</summary>
    /// <returns>Null: valid.</returns>
    private async Task<Fault?> CheckReasonAsync(PortalDbContext context, Actor actor, Token token, string reason, CancellationToken cancellation)
    {
        if (TokenRules.CheckPerpetualReason(reason) is { } fault)
            return new Fault(TokenField.PerpetualReason, fault);
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        // Other changes stay possible as long as the reason isn't removed.
        return token.PerpetualReason is not null && policy.CheckExpiration(null, reason, Now) is { Rule: PolicyRule.PerpetualReason } violation
            ? PolicyFaults.Of(violation, actor)
            : null;
    }

    /// <summary>Checks the new owner of a token, in the transaction that saves it.</summary>
    /// <returns>Null: the policy allows it.</returns>
    private static async Task<TokenOutcome.Invalid?> CheckNewOwnerAsync(PortalDbContext context, Actor actor, Token token, CancellationToken cancellation)
    {
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        if (policy.MostTokensPerOwner is null)
            return null;
        await context.Database.BeginTransactionAsync(cancellation);
        return await PolicyStore.CheckOwnerAsync(context, token.AccountId, policy, token.ExtensionId, token.OwnerId, cancellation) is { } violation
            ? new TokenOutcome.Invalid([PolicyFaults.Of(violation, actor)])
            : null;
    }
}
