using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Data;

namespace Portal.IpRules;

/// <summary>Determines which clients a change to the rules would refuse, before the change is made.</summary>
/// <remarks>Based on the addresses in the statistics, which may be a second old and include only the latest addresses of each token.</remarks>
public sealed class IpRulePreviewer(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    /// <param name="asker">The address of the user; null: unknown.</param>
    /// <returns>Null: the rule can't be added. <see cref="IpRuleService.AddAsync"/> returns the reason.</returns>
    public async Task<IpRulePreview?> AddAsync(Actor actor, NewIpRule wanted, string? asker, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var (draft, _) = await IpRuleService.CheckAsync(context, actor.AccountId, wanted, cancellation);
        if (draft is null)
            return null;
        var now = await ReadAsync(context, actor, cancellation);
        return await CompareAsync(context, actor, now, [.. now, new Rule(0, draft.Token?.Id, draft.Range)], draft.Token?.Id, asker, cancellation);
    }

    /// <returns>Null: the rule no longer exists.</returns>
    public async Task<IpRulePreview?> RemoveAsync(Actor actor, long ruleId, string? asker, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = await ReadAsync(context, actor, cancellation);
        return now.Find(rule => rule.Id == ruleId) is { } removed
            ? await CompareAsync(context, actor, now, [.. now.Where(rule => rule.Id != ruleId)], removed.TokenId, asker, cancellation)
            : null;
    }

    private static Task<List<Rule>> ReadAsync(PortalDbContext context, Actor actor, CancellationToken cancellation) =>
        context.IpRules.Where(rule => rule.AccountId == actor.AccountId)
            .Select(rule => new Rule(rule.Id, rule.TokenId, new AddressRange(rule.First, rule.Last)))
            .ToListAsync(cancellation);

    /// <param name="tokenId">The token whose rules change; null: the rules of the account.</param>
    private async Task<IpRulePreview> CompareAsync(
        PortalDbContext context, Actor actor, List<Rule> now, List<Rule> then, long? tokenId, string? asker, CancellationToken cancellation)
    {
        var (before, after) = (RulesOf(now), RulesOf(then));
        var refused = new List<RefusedAddress>();
        var count = 0;
        await foreach (var seen in Seen(context, actor.AccountId, tokenId).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (!before.Allow(seen.TokenId, seen.Address) || after.Allow(seen.TokenId, seen.Address))
                continue;
            if (++count <= IpRulePreview.MostListed)
                refused.Add(new RefusedAddress(AddressNumber.ToAddress(seen.Address).ToString(), new IpRuleToken(seen.Handle, seen.Name), seen.LastSeenOn));
        }

        var refusesAsker = tokenId is null && IPAddress.TryParse(asker, out var address) && AddressNumber.Of(address) is var number
            && before.AllowByAccount(number) && !after.AllowByAccount(number);
        return new IpRulePreview(
            refused, count, refusesAsker, now.Any(rule => rule.TokenId == tokenId) && !then.Any(rule => rule.TokenId == tokenId));
    }

    private static AddressRules RulesOf(List<Rule> rules) => new([.. rules.Select(rule => new RuleRange(rule.TokenId, rule.Range))]);

    private IQueryable<SeenRow> Seen(PortalDbContext context, string accountId, long? tokenId)
    {
        var first = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - IpRulePreview.Days);
        return
            from seen in context.SeenAddresses
            join token in context.Tokens on seen.TokenId equals token.Id
            where token.AccountId == accountId && token.Status != StoredStatus.Deleted && seen.LastSeenOn >= first && (tokenId == null || token.Id == tokenId)
            orderby seen.LastSeenOn descending, token.Name, seen.Address
            select new SeenRow(token.Id, token.Handle, token.Name, seen.Address, seen.LastSeenOn);
    }

    private sealed record Rule(long Id, long? TokenId, AddressRange Range);

    private sealed record SeenRow(long TokenId, string Handle, string Name, UInt128 Address, DateOnly LastSeenOn);
}
