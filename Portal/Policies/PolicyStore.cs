using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Policies;

/// <summary>Reads policies and counts tokens as part of a change. Callers run it in a transaction of the <see cref="WriteQueue"/>, so that two
/// changes can't exceed a limit together.</summary>
public static class PolicyStore
{
    /// <summary>The rules for the tokens of an extension.</summary>
    public static async Task<EffectivePolicy> ReadAsync(PortalDbContext context, string accountId, string extensionId, CancellationToken cancellation)
    {
        var stored = await context.TokenPolicies.AsNoTracking()
            .Where(policy => policy.AccountId == accountId && (policy.ExtensionId == "" || policy.ExtensionId == extensionId))
            .ToListAsync(cancellation);
        return stored.Count == 0 ? EffectivePolicy.None : Combine(stored, extensionId);
    }

    internal static EffectivePolicy Combine(IReadOnlyCollection<TokenPolicy> stored, string extensionId) =>
        new(RulesOf(stored, ""), RulesOf(stored, extensionId));

    internal static PolicyRules RulesOf(IReadOnlyCollection<TokenPolicy> stored, string extensionId) =>
        stored.FirstOrDefault(policy => policy.ExtensionId == extensionId) is { } found ? PolicyRules.Of(found) : PolicyRules.None;

    /// <summary>Whether the extension has room for another token.</summary>
    /// <returns>Null: it has.</returns>
    public static async Task<PolicyViolation?> CheckExtensionAsync(
        PortalDbContext context, string accountId, EffectivePolicy policy, string extensionId, CancellationToken cancellation) =>
        policy.MostTokensPerExtension is not { } most ? null : policy.CheckExtensionCount(await context.Tokens
            .Where(token => token.AccountId == accountId && token.DeletedAt == null && token.ExtensionId == extensionId)
            .OrderBy(token => token.ExtensionId).Take(most).CountAsync(cancellation));

    /// <summary>Whether the owner may have another token.</summary>
    /// <param name="ownerId">Null: no owner, to which no limit applies.</param>
    /// <returns>Null: they may.</returns>
    public static async Task<PolicyViolation?> CheckOwnerAsync(
        PortalDbContext context, string accountId, EffectivePolicy policy, string extensionId, int? ownerId, CancellationToken cancellation)
    {
        if (policy.MostTokensPerOwner is null || ownerId is not { } id)
            return null;
        var ids = await FindSameOwnersAsync(context, accountId, id, cancellation);
        return policy.CheckOwnerCount(await CountAsync(context, accountId, ids, policy.OwnerLimitIsOfExtension ? extensionId : null, cancellation));
    }

    /// <summary>Whether a new owner may have all tokens of another one.</summary>
    /// <param name="from">The <see cref="TokenOwner"/>s whose tokens change hands.</param>
    /// <returns>Null: they may.</returns>
    public static async Task<PolicyViolation?> CheckHandOverAsync(
        PortalDbContext context, string accountId, IReadOnlyCollection<int> from, OwnerChoice to, CancellationToken cancellation)
    {
        var stored = await context.TokenPolicies.AsNoTracking()
            .Where(policy => policy.AccountId == accountId && policy.MostTokensPerOwner != null).ToListAsync(cancellation);
        if (stored.Count == 0 || from.Count == 0 || to == OwnerChoice.None)
            return null;
        var present = await FindOwnersAsync(context, accountId, to.UserId, to.Team is { } team ? OwnerChoice.TeamKey(team) : null, cancellation);
        foreach (var policy in stored)
        {
            var extension = policy.ExtensionId.Length == 0 ? null : policy.ExtensionId;
            var moved = await CountAsync(context, accountId, from, extension, cancellation);
            if (moved > 0 && moved + await CountAsync(context, accountId, present, extension, cancellation) > policy.MostTokensPerOwner)
                return new PolicyViolation(PolicyRule.TokensPerOwner, EffectivePolicy.OwnerSentence(policy.MostTokensPerOwner!.Value, extension is not null));
        }

        return null;
    }

    /// <summary>A row of an owner, by which the others are found.</summary>
    /// <returns>Null: the owner has no tokens yet, or there is no owner.</returns>
    internal static async Task<int?> FindOwnerAsync(PortalDbContext context, string accountId, OwnerChoice owner, CancellationToken cancellation)
    {
        if (owner == OwnerChoice.None)
            return null;
        var rows = await FindOwnersAsync(context, accountId, owner.UserId, owner.Team is { } team ? OwnerChoice.TeamKey(team) : null, cancellation);
        return rows.Count == 0 ? null : rows.First();
    }

    /// <summary>Whether a policy that is about to be saved would put the token that saves it outside. People aren't affected.</summary>
    /// <returns>Null: it wouldn't.</returns>
    internal static async Task<PolicyViolation?> CheckCallerAsync(
        PortalDbContext context, Actor actor, TokenPolicy changed, DateTime now, CancellationToken cancellation)
    {
        if (actor.Kind != ActorKind.Token)
            return null;
        var caller = await context.Tokens.AsNoTracking().Where(token => token.AccountId == actor.AccountId && token.Handle == actor.Id)
            .Select(token => new { token.Id, token.ExtensionId, token.ExpiresAt, token.PerpetualReason }).SingleAsync(cancellation);
        var others = await context.TokenPolicies.AsNoTracking()
            .Where(policy => policy.AccountId == actor.AccountId && policy.ExtensionId != changed.ExtensionId).ToListAsync(cancellation);
        var policy = Combine([.. others, changed], caller.ExtensionId);
        return policy.CheckExpiration(caller.ExpiresAt, caller.PerpetualReason, now)
            ?? policy.CheckAddresses(!policy.AddressesRequired || await HasAddressesAsync(context, caller.Id, cancellation));
    }

    /// <summary>Whether a token that works was neither used nor changed since then. A token that was enabled again is not idle at once.</summary>
    public static Expression<Func<Token, bool>> IsIdle(DateTime since) => token =>
        token.Status == StoredStatus.Active && token.CreatedAt <= since && token.UpdatedAt <= since && (token.LastUsedAt == null || token.LastUsedAt <= since);

    /// <summary>The tokens to which a stored policy applies, unless the extension has a rule of its own.</summary>
    /// <param name="stored">All policies.</param>
    /// <param name="hasRule">Whether a policy has the rule.</param>
    public static IQueryable<Token> TokensOf(PortalDbContext context, TokenPolicy policy, IReadOnlyCollection<TokenPolicy> stored, Func<TokenPolicy, bool> hasRule)
    {
        var (account, extension) = (policy.AccountId, policy.ExtensionId);
        var tokens = context.Tokens.Where(token => token.AccountId == account && token.DeletedAt == null);
        if (extension.Length > 0)
            return tokens.Where(token => token.ExtensionId == extension);
        var own = stored.Where(other => other.AccountId == account && other.ExtensionId.Length > 0 && hasRule(other)).Select(other => other.ExtensionId).ToArray();
        return own.Length == 0 ? tokens : tokens.Where(token => !own.Contains(token.ExtensionId));
    }

    /// <summary>Whether a token has IP rules of its own.</summary>
    public static Task<bool> HasAddressesAsync(PortalDbContext context, long tokenId, CancellationToken cancellation) =>
        context.IpRules.AnyAsync(rule => rule.TokenId == tokenId, cancellation);

    /// <summary>Several rows can refer to the same user or team.</summary>
    private static async Task<IReadOnlyCollection<int>> FindSameOwnersAsync(PortalDbContext context, string accountId, int id, CancellationToken cancellation)
    {
        var owner = await context.TokenOwners.AsNoTracking().SingleOrDefaultAsync(owner => owner.Id == id, cancellation);
        // A row that is added with the token has no tokens yet.
        return owner is null ? []
            : owner.UserId is null && owner.TeamKey is null ? [id]
            : await FindOwnersAsync(context, accountId, owner.UserId, owner.TeamKey, cancellation);
    }

    private static async Task<IReadOnlyCollection<int>> FindOwnersAsync(
        PortalDbContext context, string accountId, string? userId, string? teamKey, CancellationToken cancellation) =>
        await (userId is not null
            ? context.TokenOwners.Where(owner => owner.UserId == userId && owner.AccountId == accountId)
            : context.TokenOwners.Where(owner => owner.AccountId == accountId && owner.TeamKey == teamKey)).Select(owner => owner.Id).ToListAsync(cancellation);

    private static async Task<int> CountAsync(
        PortalDbContext context, string accountId, IReadOnlyCollection<int> owners, string? extensionId, CancellationToken cancellation)
    {
        var count = 0;
        foreach (var id in owners)
            count += await context.Tokens.CountAsync(
                token => token.AccountId == accountId && token.DeletedAt == null && token.OwnerId == id && (extensionId == null || token.ExtensionId == extensionId), cancellation);
        return count;
    }
}
