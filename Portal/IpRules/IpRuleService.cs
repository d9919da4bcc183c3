using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;

namespace Portal.IpRules;

/// <summary>Lists, adds and removes IP rules. <see cref="IpRulePreviewer"/> shows the effect of a change.</summary>
/// <remarks>
/// Rules are added and removed one by one and never changed, so that concurrent updates don't overwrite each other. When a method
/// returns, its change is durable with its audit entry, and applies to every request that starts after it.
/// </remarks>
public sealed class IpRuleService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AddressRulesCache cache, AuditLog audit, AccessControl access, TimeProvider clock)
{
    /// <summary>The maximum number of rules of an account, including those of its tokens.</summary>
    public const int MostRules = 200;

    /// <summary>The rules of the account, those for all tokens first, then by the name of the token; oldest first.</summary>
    public async Task<IReadOnlyList<IpRuleEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rules =
            from rule in context.IpRules.AsNoTracking()
            where rule.AccountId == actor.AccountId
            join token in context.Tokens on rule.TokenId equals token.Id into tokens
            from token in tokens.DefaultIfEmpty()
            select new { Rule = rule, token.Handle, token.Name };
        var ordered = (await rules.ToListAsync(cancellation))
            .OrderBy(row => row.Handle is not null).ThenBy(row => row.Name, NameCollation.ForReader).ThenBy(row => row.Rule.TokenId).ThenBy(row => row.Rule.Id);
        return [.. ordered.Select(row => new IpRuleEntry(
            row.Rule.Id, row.Rule.Label, row.Rule.Written, new AddressRange(row.Rule.First, row.Rule.Last),
            row.Handle is null ? null : new IpRuleToken(row.Handle, row.Name), row.Rule.CreatedAt, row.Rule.CreatedByName))];
    }

    /// <summary>Checks whether the actor may change rules now.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    /// <exception cref="ProofNeededException">The person must confirm who they are first.</exception>
    public async Task RequireAsync(Actor actor, CancellationToken cancellation = default) => await access.RequireProofAsync(actor, Role.Administrator, cancellation);

    /// <returns>Done, or Invalid.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<IpRuleOutcome> AddAsync(Actor actor, NewIpRule wanted, CancellationToken cancellation = default) =>
        AddAsync(actor, [wanted], cancellation);

    /// <summary>Adds several rules in one transaction, or none.</summary>
    /// <returns>Done, or Invalid.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IpRuleOutcome> AddAsync(Actor actor, IReadOnlyList<NewIpRule> wanted, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        ArgumentOutOfRangeException.ThrowIfZero(wanted.Count);
        return await writes.RunAsync(token => AddInTurnAsync(actor, wanted, token), cancellation);
    }

    private async Task<IpRuleOutcome> AddInTurnAsync(Actor actor, IReadOnlyList<NewIpRule> wanted, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // Before anything is read: no other transaction can write meanwhile, so the count stays correct.
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var found = await IpRuleChecks.CheckAsync(context, actor.AccountId, wanted, cancellation);
        if (found.Faults.Count > 0)
            return new IpRuleOutcome.Invalid(found.Faults);
        var rules = found.Drafts.Select(draft => new IpRule
        {
            AccountId = actor.AccountId, TokenId = draft.Token?.Id, Label = TextRules.Clean(draft.Wanted.Label), Written = draft.Wanted.Addresses!.Trim(),
            First = draft.Range.First, Last = draft.Range.Last,
            CreatedAt = clock.GetUtcNow().UtcDateTime, CreatedById = actor.Id, CreatedByName = actor.Name,
        }).ToList();
        foreach (var rule in rules)
        {
            context.IpRules.Add(rule);
            await RecordAsync(context, actor, AuditAction.IpRuleAdded, rule, cancellation);
        }

        await CommitAsync(context, actor.AccountId, cancellation);
        return new IpRuleOutcome.Done(rules[0].Id) { Added = [.. rules.Select(rule => rule.Id)] };
    }

    /// <returns>Done, with the input that adds the rule again; Invalid: no address could use a token without the rule; or NotFound: the rule was
    /// already removed.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IpRuleOutcome> RemoveAsync(Actor actor, long ruleId, CancellationToken cancellation = default)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync(token => RemoveInTurnAsync(actor, ruleId, token), cancellation);
    }

    private async Task<IpRuleOutcome> RemoveInTurnAsync(Actor actor, long ruleId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var rule = await context.IpRules.SingleOrDefaultAsync(rule => rule.AccountId == actor.AccountId && rule.Id == ruleId, cancellation);
        if (rule is null)
            return new IpRuleOutcome.NotFound();
        var now = await RuleBook.ReadAsync(context, actor.AccountId, cancellation);
        if (await RuleConflict.FindAsync(context, now, now.Without(ruleId), cancellation) is { } conflict)
            return new IpRuleOutcome.Invalid([new IpRuleError(IpRuleField.Addresses, conflict)]);
        if (rule.TokenId is { } tokenId && await FindNeedAsync(context, tokenId, ruleId, cancellation) is { } need)
            return new IpRuleOutcome.Invalid([new IpRuleError(IpRuleField.Addresses, need)]);
        context.IpRules.Remove(rule);
        var handle = await RecordAsync(context, actor, AuditAction.IpRuleRemoved, rule, cancellation);
        await CommitAsync(context, actor.AccountId, cancellation);
        return new IpRuleOutcome.Done(ruleId) { Removed = new NewIpRule(rule.Label, rule.Written, handle) };
    }

    /// <returns>Why the token can't be without the rule; null: it can.</returns>
    private static async Task<string?> FindNeedAsync(PortalDbContext context, long tokenId, long ruleId, CancellationToken cancellation)
    {
        var token = await context.Tokens.Where(token => token.Id == tokenId).Select(token => new { token.AccountId, token.ExtensionId, token.Status }).SingleAsync(cancellation);
        if (token.Status is not (StoredStatus.Active or StoredStatus.Pending) || await context.IpRules.AnyAsync(rule => rule.TokenId == tokenId && rule.Id != ruleId, cancellation))
            return null;
        var policy = await PolicyStore.ReadAsync(context, token.AccountId, token.ExtensionId, cancellation);
        return policy.CheckAddresses(hasAddresses: false) is { } violation ? $"{violation.Sentence} {Texts.Policy_KeepAddress}" : null;
    }

    /// <returns>The handle of the rule's token; null: it applies to all tokens.</returns>
    private async Task<string?> RecordAsync(PortalDbContext context, Actor actor, string action, IpRule rule, CancellationToken cancellation)
    {
        var target = rule.TokenId is { } id
            ? await context.Tokens.Where(token => token.Id == id).Select(token => new { Id = token.Handle, token.Name }).SingleAsync(cancellation)
            : await context.Accounts.Where(account => account.Id == actor.AccountId).Select(account => new { account.Id, account.Name }).SingleAsync(cancellation);
        var (first, last) = new AddressRange(rule.First, rule.Last).Write();
        audit.Add(context, actor, action, target.Id, target.Name, new Dictionary<string, object?>
        {
            ["label"] = rule.Label, ["written"] = rule.Written, ["from"] = first, ["to"] = last,
        });
        return rule.TokenId is null ? null : target.Id;
    }

    private async Task CommitAsync(PortalDbContext context, string accountId, CancellationToken cancellation)
    {
        try
        {
            await context.SaveChangesAsync(cancellation);
            await context.Database.CommitTransactionAsync(cancellation);
        }
        finally
        {
            // Even if the commit failed: its result is unknown then, so the cache must read the rules again.
            cache.Forget(accountId);
        }
    }
}
