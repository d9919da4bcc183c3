using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

public sealed partial class TokenFinder
{
    /// <summary>The maximum number of results that are sorted separately. A larger result is dense enough to read along the order.</summary>
    private const int MostSorted = 3_000;

    private async Task<TokenIndex> IndexAsync(PortalDbContext context, string accountId, CancellationToken cancellation) => await indexes.GetAsync(
        accountId, await context.TokenTotals.AsNoTracking().SingleOrDefaultAsync(totals => totals.AccountId == accountId, cancellation), cancellation);

    /// <summary>Searches in memory, and applies the rest of the filter in the database.</summary>
    private async Task<TokenSet> SearchAsync(
        PortalDbContext context, IQueryable<Token> tokens, string accountId, TokenSelection wanted, TokenSearch search, TokenTotals? totals,
        CancellationToken cancellation)
    {
        var index = await indexes.GetAsync(accountId, totals, cancellation);
        if (wanted.Idle is { } idle)
            search = search with { Use = new IdleUse(await uses.GetAsync(accountId, cancellation), WasUsed: idle == IdleTokens.Used) };
        var set = index.Find(search);
        // The set leaves out deleted tokens already.
        if (wanted.Filter is null || set.Count == 0)
            return set;
        var matching = new IdBits();
        if (set.Count <= few)
        {
            var ids = set.Ids().ToArray();
            tokens = context.Tokens.AsNoTracking().Where(token => EF.Parameter(ids).Contains(token.Id));
        }

        await foreach (var id in tokens.Where(wanted.Filter).Select(token => token.Id).AsAsyncEnumerable().WithCancellation(cancellation))
            matching.Add(id);
        return set.Only(matching);
    }

    private static async Task<IReadOnlyList<long>> PageAsync(
        PortalDbContext context, IQueryable<Token> tokens, TokenSet set, Found found, TokenSelection wanted, StatusClock status, int offset, int count,
        CancellationToken cancellation)
    {
        if (wanted.IndexedOrder is { } order && set.Page(order, status, offset, count) is { } page)
            return page;
        if (set.Count <= MostSorted)
            return (await OrderAsync(context, [.. set.Ids()], wanted, found, cancellation)).AsSpan(offset, count).ToArray();
        return await AlongAsync(wanted, tokens, set, offset, count, cancellation);
    }

    /// <summary>Reads along the order, from the nearer end, and picks what was found.</summary>
    private static async Task<List<long>> AlongAsync(
        TokenSelection wanted, IQueryable<Token> tokens, TokenSet set, int offset, int count, CancellationToken cancellation)
    {
        var behind = set.Count - offset - count;
        var backwards = behind < offset;
        var skip = backwards ? behind : offset;
        var page = new List<long>(count);
        await foreach (var id in wanted.AllInOrderOf(tokens, backwards).Select(token => token.Id).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (!set.Contains(id) || skip-- > 0)
                continue;
            page.Add(id);
            if (page.Count == count)
                break;
        }

        if (backwards)
            page.Reverse();
        return page;
    }
}
