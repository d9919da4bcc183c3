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
    /// <returns>Null: the rule can't be added. <see cref="IpRuleService"/> returns the reason.</returns>
    public async Task<IpRulePreview?> AddAsync(Actor actor, NewIpRule wanted, string? asker, CancellationToken cancellation = default) =>
        (await TryAsync(actor, [wanted], asker, cancellation)).Preview;

    /// <summary>Tries rules that are to be added together, and stores nothing.</summary>
    /// <param name="asker">The address of the user; null: unknown.</param>
    public async Task<IpRuleTrial> TryAsync(Actor actor, IReadOnlyList<NewIpRule> wanted, string? asker, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = await IpRuleChecks.CheckAsync(context, actor.AccountId, wanted, cancellation);
        if (found.Faults.Count > 0)
            return new IpRuleTrial(found.Faults, null);
        var owners = found.Drafts.Select(draft => draft.Token?.Id).Distinct().ToList();
        return new IpRuleTrial([], await CompareAsync(context, actor, found.Now, found.Then, owners.Count == 1 ? owners[0] : null, asker, cancellation));
    }

    /// <returns>Null: the rule no longer exists, or can't be removed. <see cref="IpRuleService.RemoveAsync"/> returns the reason.</returns>
    public async Task<IpRulePreview?> RemoveAsync(Actor actor, long ruleId, string? asker, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = await RuleBook.ReadAsync(context, actor.AccountId, cancellation);
        var then = now.Without(ruleId);
        return now.Rules.FirstOrDefault(rule => rule.Id == ruleId) is { } removed && await RuleConflict.FindAsync(context, now, then, cancellation) is null
            ? await CompareAsync(context, actor, now, then, removed.TokenId, asker, cancellation)
            : null;
    }

    /// <param name="tokenId">The token whose rules change; null: the rules of the account.</param>
    private async Task<IpRulePreview> CompareAsync(
        PortalDbContext context, Actor actor, RuleBook now, RuleBook then, long? tokenId, string? asker, CancellationToken cancellation)
    {
        var (before, after) = (now.Effect, then.Effect);
        var listed = new List<SeenRow>();
        var tokens = new HashSet<long>();
        var count = 0;
        await foreach (var seen in Seen(context, actor.AccountId, tokenId).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (!before.Allow(seen.TokenId, seen.Address) || after.Allow(seen.TokenId, seen.Address))
                continue;
            tokens.Add(seen.TokenId);
            if (++count <= IpRulePreview.MostListed)
                listed.Add(seen);
        }

        var refusesAsker = tokenId is null && IPAddress.TryParse(asker, out var address) && AddressNumber.Of(address) is var number
            && before.AllowByAccount(number) && !after.AllowByAccount(number);
        var refused = listed.Select(seen =>
            new RefusedAddress(AddressNumber.ToAddress(seen.Address).ToString(), new IpRuleToken(seen.Handle, seen.Name), seen.LastSeenOn));
        return new IpRulePreview([.. refused], count, refusesAsker, now.Of(tokenId).Count > 0 && then.Of(tokenId).Count == 0)
        {
            RefusedTokenCount = tokens.Count,
            RequestsOf = await CountRequestsAsync(context, listed, cancellation),
        };
    }

    /// <summary>Counts the served requests of the tokens. Requests aren't counted by address.</summary>
    private async Task<Dictionary<string, long>> CountRequestsAsync(PortalDbContext context, List<SeenRow> listed, CancellationToken cancellation)
    {
        var handles = listed.DistinctBy(seen => seen.TokenId).ToDictionary(seen => seen.TokenId, seen => seen.Handle);
        if (handles.Count == 0)
            return [];
        var (ids, first) = (handles.Keys.ToArray(), FirstDay);
        var counts = await context.DailyCounts
            .Where(count => EF.Parameter(ids).Contains(count.TokenId) && count.Day >= first && count.Reason == "")
            .GroupBy(count => count.TokenId)
            .Select(token => new { Id = token.Key, Count = token.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return counts.ToDictionary(token => handles[token.Id], token => token.Count, StringComparer.Ordinal);
    }

    private DateOnly FirstDay => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - IpRulePreview.Days);

    private IQueryable<SeenRow> Seen(PortalDbContext context, string accountId, long? tokenId)
    {
        var first = FirstDay;
        return
            from seen in context.SeenAddresses
            join token in context.Tokens on seen.TokenId equals token.Id
            where token.AccountId == accountId && token.Status != StoredStatus.Deleted && seen.LastSeenOn >= first && (tokenId == null || token.Id == tokenId)
            orderby seen.LastSeenOn descending, token.NameSortKey, token.Id, seen.Address
            select new SeenRow(token.Id, token.Handle, token.Name, seen.Address, seen.LastSeenOn);
    }

    private sealed record SeenRow(long TokenId, string Handle, string Name, UInt128 Address, DateOnly LastSeenOn);
}
