using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Policies;

/// <summary>Finds the existing tokens that a policy would leave outside, before it is saved.</summary>
/// <remarks>Only tokens that work, or will by themselves, count. Each query ends after <see cref="PolicyBreach.Most"/> tokens, however many there are.</remarks>
public sealed class PolicyPreviewer(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    private static readonly PolicyRule[] RulesOfTokens =
        [PolicyRule.Perpetual, PolicyRule.MaximumLifetime, PolicyRule.PerpetualReason, PolicyRule.Addresses, PolicyRule.RotateEvery, PolicyRule.DisableIdle];

    /// <param name="extensionId">Empty: the account. Extensions with an own rule are left out then, because the rule of the account doesn't apply to them.</param>
    /// <param name="rules">The rules to try.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<PolicyPreview> PreviewAsync(Actor actor, string extensionId, PolicyRules rules, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.TokenPolicies.AsNoTracking()
            .Where(policy => policy.AccountId == actor.AccountId && policy.ExtensionId != extensionId).ToListAsync(cancellation);
        var policy = extensionId.Length == 0 ? new EffectivePolicy(rules, PolicyRules.None) : new EffectivePolicy(PolicyStore.RulesOf(stored, ""), rules);
        var scope = new Scope(context, actor.AccountId, extensionId, stored, policy, WholeSeconds.Now(clock));
        var breaches = new List<PolicyBreach>();
        foreach (var rule in RulesOfTokens)
            if (await scope.FindAsync(rule, cancellation) is { } breach)
                breaches.Add(breach);
        return new PolicyPreview(policy, breaches, await scope.FindFullAsync(cancellation), await scope.CountFullOwnersAsync(cancellation));
    }

    /// <summary>Reads tokens of a breach, in the order of the IDs.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IReadOnlyList<BreachingToken>> ReadAsync(Actor actor, IReadOnlyCollection<long> ids, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var wanted = ids.ToArray();
        // The account is compared afterwards: with it in the condition, SQLite reads all tokens of the account.
        var rows = await context.Tokens.AsNoTracking().Where(token => EF.Parameter(wanted).Contains(token.Id))
            .Select(token => new { token.AccountId, token.Id, token.Handle, token.Name, token.ExtensionName, token.ExpiresAt, token.LastUsedAt }).ToListAsync(cancellation);
        return [.. rows.Where(row => row.AccountId == actor.AccountId).OrderBy(row => Array.IndexOf(wanted, row.Id))
            .Select(row => new BreachingToken(row.Handle, row.Name, row.ExtensionName, row.ExpiresAt, row.LastUsedAt))];
    }

    /// <summary>Reads the handles of all tokens of a breach.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IReadOnlyList<string>> ReadHandlesAsync(Actor actor, IReadOnlyCollection<long> ids, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var wanted = ids.ToArray();
        var rows = await context.Tokens.Where(token => EF.Parameter(wanted).Contains(token.Id)).Select(token => new { token.AccountId, token.Handle }).ToListAsync(cancellation);
        return [.. rows.Where(row => row.AccountId == actor.AccountId).Select(row => row.Handle)];
    }

    /// <summary>The tokens to which the tried rules apply.</summary>
    /// <param name="Others">The other stored policies.</param>
    private sealed record Scope(
        PortalDbContext Context, string AccountId, string ExtensionId, IReadOnlyCollection<TokenPolicy> Others, EffectivePolicy Policy, DateTime Now)
    {
        public async Task<PolicyBreach?> FindAsync(PolicyRule rule, CancellationToken cancellation)
        {
            if (Describe(rule) is not { } sentence)
                return null;
            // All have the same account, so no database sorts them.
            var found = await Breaching(rule).OrderBy(token => token.AccountId).Select(token => token.Id).Take(PolicyBreach.Most + 1).ToListAsync(cancellation);
            return found.Count == 0 ? null : new PolicyBreach(rule, sentence, found);
        }

        /// <summary>The extensions that already have more tokens than allowed.</summary>
        public async Task<IReadOnlyList<string>> FindFullAsync(CancellationToken cancellation)
        {
            if (Policy.MostTokensPerExtension is not { } most)
                return [];
            var own = Others.Where(policy => policy.MostTokensPerExtension is not null).Select(policy => policy.ExtensionId).ToList();
            var counted = await Context.Tokens.Where(token => token.AccountId == AccountId && token.DeletedAt == null && (ExtensionId == "" || token.ExtensionId == ExtensionId))
                .GroupBy(token => token.ExtensionId).Select(group => new { Id = group.Key, Count = group.Count() }).ToListAsync(cancellation);
            return [.. counted.Where(extension => extension.Count > most && !own.Contains(extension.Id)).Select(extension => extension.Id).Order(StringComparer.Ordinal)];
        }

        /// <summary>The number of owners who already have more tokens than allowed.</summary>
        public async Task<int> CountFullOwnersAsync(CancellationToken cancellation)
        {
            if (Policy.MostTokensPerOwner is not { } most)
                return 0;
            var owners = Context.Tokens.Where(token => token.AccountId == AccountId && token.DeletedAt == null && token.OwnerId != null);
            if (ExtensionId.Length > 0 && Policy.OwnerLimitIsOfExtension)
                owners = owners.Where(token => token.ExtensionId == ExtensionId);
            return await owners.GroupBy(token => token.OwnerId).CountAsync(group => group.Count() > most, cancellation);
        }

        private string? Describe(PolicyRule rule) => rule switch
        {
            PolicyRule.Perpetual => Policy.PerpetualAllowed ? null : Policy.CheckExpiration(null, null, Now)?.Sentence,
            PolicyRule.MaximumLifetime => Policy.CheckExpiration(DateTime.MaxValue, null, Now)?.Sentence,
            PolicyRule.PerpetualReason => Policy.PerpetualReasonRequired ? Policy.CheckExpiration(null, null, Now)?.Sentence : null,
            PolicyRule.Addresses => Policy.CheckAddresses(hasAddresses: false)?.Sentence,
            PolicyRule.RotateEvery => Policy.CheckAge(DateTime.UnixEpoch, Now)?.Sentence,
            _ => Policy.CheckIdle(DateTime.UnixEpoch, Now)?.Sentence,
        };

        private IQueryable<Token> Breaching(PolicyRule rule)
        {
            var working = Working(rule);
            switch (rule)
            {
                case PolicyRule.Perpetual:
                    return working.Where(token => token.ExpiresAt == null);
                case PolicyRule.PerpetualReason:
                    return working.Where(token => token.ExpiresAt == null && token.PerpetualReason == null);
                case PolicyRule.MaximumLifetime:
                    var latest = Now.AddDays(Policy.MaximumLifetimeDays!.Value);
                    return working.Where(token => token.ExpiresAt > latest);
                case PolicyRule.Addresses:
                    var live = Live(working);
                    return live.Where(token => !Context.IpRules.Any(rule => rule.AccountId == AccountId && rule.TokenId == token.Id));
                case PolicyRule.RotateEvery:
                    var oldest = Now.AddDays(-Policy.RotateEveryDays!.Value);
                    return Live(working).Where(token => token.CreatedAt <= oldest && !Context.TokenSecrets.Any(secret => secret.TokenId == token.Id && secret.CreatedAt > oldest));
                default:
                    return Live(working).Where(PolicyStore.IsIdle(Now.AddDays(-Policy.DisableIdleAfterDays!.Value)));
            }
        }

        private IQueryable<Token> Live(IQueryable<Token> tokens) => tokens.Where(token => token.ExpiresAt == null || token.ExpiresAt > Now);

        private IQueryable<Token> Working(PolicyRule rule)
        {
            var working = Context.Tokens.Where(token => token.AccountId == AccountId && token.DeletedAt == null
                && (token.Status == StoredStatus.Active || token.Status == StoredStatus.Pending));
            if (ExtensionId.Length > 0)
                return working.Where(token => token.ExtensionId == ExtensionId);
            var own = Others.Where(policy => HasOwn(PolicyRules.Of(policy), rule)).Select(policy => policy.ExtensionId).ToArray();
            return own.Length == 0 ? working : working.Where(token => !own.Contains(token.ExtensionId));
        }

        private static bool HasOwn(PolicyRules rules, PolicyRule rule) => rule switch
        {
            PolicyRule.Perpetual or PolicyRule.PerpetualReason => rules.PerpetualAllowed is not null || rules.PerpetualReasonRequired is not null,
            PolicyRule.MaximumLifetime => rules.MaximumLifetimeDays is not null,
            PolicyRule.Addresses => rules.AddressesRequired is not null,
            PolicyRule.RotateEvery => rules.RotateEveryDays is not null,
            _ => rules.DisableIdleAfterDays is not null,
        };
    }
}
