using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.IpRules;

/// <summary>Reads from where a token may be used, and proposes rules from the addresses that were seen.</summary>
public sealed class TokenAccessReader(IDbContextFactory<PortalDbContext> contexts, IpRuleService rules, AccessControl access, TimeProvider clock)
{
    /// <summary>The number of addresses of all tokens, latest first, from which rules are proposed.</summary>
    internal const int MostConsidered = 100_000;

    private DateOnly FirstDay => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1 - IpRulePreview.Days);

    /// <returns>Null: the account has no such token.</returns>
    public async Task<TokenAccess?> ReadAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        var all = await rules.ListAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await FindAsync(context, actor, handle, cancellation) is not { } tokenId)
            return null;
        var effect = (await RuleBook.ReadAsync(context, actor.AccountId, cancellation)).Effect;
        var seen = await SeenOfAsync(context, tokenId, cancellation);
        return new TokenAccess(
            [.. all.Where(rule => rule.Token?.Handle == handle)], [.. all.Where(rule => rule.Token is null)], effect.AddressesOf(tokenId)?.Ranges,
            [.. seen.Select(row => row with { IsAllowed = effect.Allow(tokenId, row.Number) })]);
    }

    /// <summary>Proposes rules that allow the addresses of the last <see cref="IpRulePreview.Days"/> days and that the same rules don't contain yet.</summary>
    /// <param name="handle">The token; null: all tokens of the account together.</param>
    /// <returns>Null: the account has no such token.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IpRuleProposals?> ProposeAsync(Actor actor, string? handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        long? tokenId = handle is null ? null : await FindAsync(context, actor, handle, cancellation);
        if (handle is not null && tokenId is null)
            return null;
        var book = await RuleBook.ReadAsync(context, actor.AccountId, cancellation);
        var seen = tokenId is { } id ? await SeenOfAsync(context, id, cancellation) : await SeenOfAllAsync(context, actor.AccountId, cancellation);
        var own = book.Of(tokenId);
        var open = seen.Where(row => !own.Any(rule => rule.Range.Contains(row.Number))).ToList();
        // A rule of a token can't allow what the rules for all tokens refuse.
        var possible = tokenId is null ? open : open.Where(row => book.Effect.AllowByAccount(row.Number)).ToList();
        return IpRuleProposals.For(possible) with { RefusedByOthers = open.Count - possible.Count, SeenCount = seen.Count };
    }

    private static Task<long?> FindAsync(PortalDbContext context, Actor actor, string handle, CancellationToken cancellation) =>
        context.Tokens.Where(token => token.AccountId == actor.AccountId && token.Handle == handle).Select(token => (long?)token.Id).SingleOrDefaultAsync(cancellation);

    private Task<List<SeenFrom>> SeenOfAsync(PortalDbContext context, long tokenId, CancellationToken cancellation)
    {
        var first = FirstDay;
        return context.SeenAddresses.AsNoTracking().Where(seen => seen.TokenId == tokenId && seen.LastSeenOn >= first)
            .OrderByDescending(seen => seen.LastSeenOn).ThenBy(seen => seen.Address)
            .Select(seen => new SeenFrom(seen.Address, seen.LastSeenOn, true)).ToListAsync(cancellation);
    }

    private async Task<List<SeenFrom>> SeenOfAllAsync(PortalDbContext context, string accountId, CancellationToken cancellation)
    {
        var first = FirstDay;
        // Not a join: the database could start with all tokens of the account.
        var latest =
            from seen in context.SeenAddresses
            where seen.LastSeenOn >= first
                && context.Tokens.Any(token => token.Id == seen.TokenId && token.AccountId == accountId && token.Status != StoredStatus.Deleted)
            orderby seen.LastSeenOn descending
            select new SeenFrom(seen.Address, seen.LastSeenOn, true);
        var rows = await latest.Take(MostConsidered).ToListAsync(cancellation);
        return [.. rows.DistinctBy(row => row.Number)];
    }
}
