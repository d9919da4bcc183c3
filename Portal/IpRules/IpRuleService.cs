using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

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

    /// <summary>The rules of the account, those for all tokens first, oldest first.</summary>
    public async Task<IReadOnlyList<IpRuleEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rules =
            from rule in context.IpRules.AsNoTracking()
            where rule.AccountId == actor.AccountId
            join token in context.Tokens on rule.TokenId equals token.Id into tokens
            from token in tokens.DefaultIfEmpty()
            orderby rule.TokenId != null, rule.TokenId, rule.Id
            select new { Rule = rule, token.Handle, token.Name };
        return [.. (await rules.ToListAsync(cancellation)).Select(row => new IpRuleEntry(
            row.Rule.Id, row.Rule.Label, row.Rule.Written, new AddressRange(row.Rule.First, row.Rule.Last),
            row.Handle is null ? null : new IpRuleToken(row.Handle, row.Name), row.Rule.CreatedAt, row.Rule.CreatedByName))];
    }

    /// <returns>Done, or Invalid.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IpRuleOutcome> AddAsync(Actor actor, NewIpRule wanted, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync(token => AddInTurnAsync(actor, wanted, token), cancellation);
    }

    private async Task<IpRuleOutcome> AddInTurnAsync(Actor actor, NewIpRule wanted, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // Before anything is read: no other transaction can write meanwhile, so the count stays correct.
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var (draft, faults) = await CheckAsync(context, actor.AccountId, wanted, cancellation);
        if (draft is null)
            return new IpRuleOutcome.Invalid(faults);
        var rule = new IpRule
        {
            AccountId = actor.AccountId, TokenId = draft.Token?.Id, Label = TextRules.Clean(wanted.Label), Written = wanted.Addresses!.Trim(),
            First = draft.Range.First, Last = draft.Range.Last,
            CreatedAt = clock.GetUtcNow().UtcDateTime, CreatedById = actor.Id, CreatedByName = actor.Name,
        };
        context.IpRules.Add(rule);
        await RecordAsync(context, actor, AuditAction.IpRuleAdded, rule, cancellation);
        await CommitAsync(context, actor.AccountId, cancellation);
        return new IpRuleOutcome.Done(rule.Id);
    }

    /// <returns>Done, or NotFound: the rule was already removed.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IpRuleOutcome> RemoveAsync(Actor actor, long ruleId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync(token => RemoveInTurnAsync(actor, ruleId, token), cancellation);
    }

    private async Task<IpRuleOutcome> RemoveInTurnAsync(Actor actor, long ruleId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var rule = await context.IpRules.SingleOrDefaultAsync(rule => rule.AccountId == actor.AccountId && rule.Id == ruleId, cancellation);
        if (rule is null)
            return new IpRuleOutcome.NotFound();
        context.IpRules.Remove(rule);
        await RecordAsync(context, actor, AuditAction.IpRuleRemoved, rule, cancellation);
        await CommitAsync(context, actor.AccountId, cancellation);
        return new IpRuleOutcome.Done(ruleId);
    }

    /// <summary>Validates a rule. Returns a draft, or the errors.</summary>
    internal static async Task<(RuleDraft? Draft, IReadOnlyList<IpRuleError> Faults)> CheckAsync(
        PortalDbContext context, string accountId, NewIpRule wanted, CancellationToken cancellation)
    {
        var faults = new List<IpRuleError>();
        if (TextRules.Check(wanted.Label?.Trim() ?? "", Texts.IpRule_LabelField, IpRule.LabelLength) is { } faultOfLabel)
            faults.Add(new IpRuleError(IpRuleField.Label, faultOfLabel));
        var token = await FindTokenAsync(context, accountId, wanted.TokenHandle, faults, cancellation);
        if (!AddressRangeFormat.TryParse(wanted.Addresses, out var range, out var faultOfAddresses))
            faults.Add(new IpRuleError(IpRuleField.Addresses, faultOfAddresses));
        else if (await FindObstacleAsync(context, accountId, token?.Id, range, cancellation) is { } obstacle)
            faults.Add(new IpRuleError(IpRuleField.Addresses, obstacle));
        return faults.Count == 0 ? (new RuleDraft(token, range), []) : (null, faults);
    }

    private static async Task<Token?> FindTokenAsync(
        PortalDbContext context, string accountId, string? handle, List<IpRuleError> faults, CancellationToken cancellation)
    {
        if (TextRules.Clean(handle) is not { } wanted)
            return null;
        var token = await context.Tokens.AsNoTracking().SingleOrDefaultAsync(
            token => token.AccountId == accountId && token.Handle == wanted && token.Status != StoredStatus.Deleted, cancellation);
        if (token is null)
            faults.Add(new IpRuleError(IpRuleField.Token, Texts.IpRule_NoSuchToken));
        return token;
    }

    private static async Task<string?> FindObstacleAsync(
        PortalDbContext context, string accountId, long? tokenId, AddressRange range, CancellationToken cancellation)
    {
        var rules = context.IpRules.AsNoTracking().Where(rule => rule.AccountId == accountId);
        var same = await rules.FirstOrDefaultAsync(rule => rule.TokenId == tokenId && rule.First == range.First && rule.Last == range.Last, cancellation);
        if (same is not null)
            return Texts.IpRule_Exists.With(same.Label is null ? same.Written : $"{same.Label}, {same.Written}");
        return await rules.CountAsync(cancellation) < MostRules
            ? null
            : Texts.IpRule_TooMany.With(MostRules);
    }

    private async Task RecordAsync(PortalDbContext context, Actor actor, string action, IpRule rule, CancellationToken cancellation)
    {
        var target = rule.TokenId is { } id
            ? await context.Tokens.Where(token => token.Id == id).Select(token => new { Id = token.Handle, token.Name }).SingleAsync(cancellation)
            : await context.Accounts.Where(account => account.Id == actor.AccountId).Select(account => new { account.Id, account.Name }).SingleAsync(cancellation);
        var (first, last) = new AddressRange(rule.First, rule.Last).Write();
        audit.Add(context, actor, action, target.Id, target.Name, new Dictionary<string, object?>
        {
            ["label"] = rule.Label, ["written"] = rule.Written, ["from"] = first, ["to"] = last,
        });
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

/// <summary>A rule that can be added.</summary>
/// <param name="Token">The token to which it applies; null: all tokens of the account.</param>
internal sealed record RuleDraft(Token? Token, AddressRange Range);
