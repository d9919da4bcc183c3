using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Portal.Data;
using Portal.Tokens.Search;

namespace Portal.Tokens.Reading;

/// <summary>Finds one page of a list and the total number of results, in a time that hardly depends on the number of tokens of the
/// account.</summary>
/// <remarks>
/// Counting the results of a filter takes longer the more there are. The count is therefore cached until a token of the account
/// changes (<see cref="TokenTotals.Version"/>) or, if the filter depends on time, until a key ends. Up to a limit, the IDs are cached with it.
/// </remarks>
/// <param name="few">The maximum number of IDs that are cached and sorted separately. Larger results are dense enough in
/// the sort order for the database to read along it.</param>
public sealed partial class TokenFinder(TokenIndexes indexes, TokenUses uses, int few) : IDisposable
{
    private const int Few = 30_000;

    private const int MostBytesKept = 8 << 20, LongestKey = 1_024, BytesBeside = 256;

    private readonly MemoryCache _found = new(new MemoryCacheOptions { SizeLimit = MostBytesKept });

    public TokenFinder(TokenIndexes indexes, TokenUses uses) : this(indexes, uses, Few)
    {
    }

    public void Dispose() => _found.Dispose();

    /// <param name="offset">The number of results to skip.</param>
    /// <param name="limit">The maximum number of results.</param>
    /// <returns>The sorted IDs of the page, and the total number of results.</returns>
    internal async Task<(IReadOnlyList<long> Ids, int Total)> FindAsync(
        PortalDbContext context, string accountId, TokenSelection wanted, StatusClock status, int offset, int limit, CancellationToken cancellation)
    {
        var tokens = context.Tokens.AsNoTracking().Where(token => token.AccountId == accountId);
        // A text that is computed isn't in an index.
        var counted = wanted.BeginsWithIds ? context.Tokens.AsNoTracking().Where(token => token.AccountId + "" == accountId) : tokens;
        var found = await CountAsync(context, counted, accountId, wanted, status, cancellation);
        if (found.Total > TokenIndexes.MostReadOnDemand)
            _ = indexes.PrepareAsync(accountId);
        var count = Math.Min(limit, found.Total - offset);
        if (count <= 0)
            return ([], found.Total);
        if (found.Set is { } set)
            return (await PageAsync(context, tokens, set, found, wanted, status, offset, count, cancellation), found.Total);
        if (!wanted.IsFiltered && wanted.IndexedOrder is { By: not IndexedSort.Age } order
            && indexes.Has(accountId) && await IndexAsync(context, accountId, cancellation) is var index
            && index.Find(new TokenSearch([], wanted.Deleted, status)).Page(order, status, offset, count) is { } page)
            return (page, found.Total);
        if (found.Ids is { } all)
            return ((await OrderAsync(context, all, wanted, found, cancellation)).AsSpan(offset, count).ToArray(), found.Total);
        // The second half is read backwards from the end.
        var behind = found.Total - offset - count;
        var backwards = behind < offset;
        var ids = await wanted.InOrderOf(tokens, backwards)
            .Skip(backwards ? behind : offset).Take(count).Select(token => token.Id).ToListAsync(cancellation);
        if (backwards)
            ids.Reverse();
        return (ids, found.Total);
    }

    private static async Task<long[]> OrderAsync(PortalDbContext context, long[] ids, TokenSelection wanted, Found found, CancellationToken cancellation)
    {
        if (found.InOrder is { } known && known.Key == wanted.OrderKey)
            return known.Ids;
        var ordered = await wanted.Order(context.Tokens.AsNoTracking().Where(token => EF.Parameter(ids).Contains(token.Id)), false)
            .Select(token => token.Id).ToArrayAsync(cancellation);
        if (ordered.Length != ids.Length)
            // Some tokens no longer match. The next query returns fewer.
            ordered = [.. ordered, .. ids.Except(ordered)];
        if (wanted.OrderKey is { } key)
            found.InOrder = new Ordered(key, ordered);
        return ordered;
    }

    private async Task<Found> CountAsync(
        PortalDbContext context, IQueryable<Token> tokens, string accountId, TokenSelection wanted, StatusClock status, CancellationToken cancellation)
    {
        var key = wanted.Key is { Length: <= LongestKey } known ? (accountId, wanted.Deleted, known) : default((string, DeletedTokens, string)?);
        var before = key is not null && _found.TryGetValue(key, out Found? kept) ? kept : null;
        // Read before counting: a change in between then makes the count outdated, not the version.
        var totals = await context.TokenTotals.AsNoTracking().SingleOrDefaultAsync(totals => totals.AccountId == accountId, cancellation);
        if (!wanted.IsFiltered && wanted.Deleted == DeletedTokens.LeftOut)
            return new Found(totals?.Kept ?? 0, null, 0, status);
        if (before is not null && before.Version == (totals?.Version ?? 0)
            && !(wanted.ChangesWithTime && await HaveEndedAsync(tokens, before.Clock, status, cancellation)))
            return before;
        var found = wanted.Search is { } search
            ? Found.Of(await SearchAsync(context, tokens, accountId, wanted, search, totals, cancellation), totals, status)
            : await FewAsync(wanted.Of(tokens).Select(token => token.Id), cancellation) is { } ids
            ? new Found(ids.Length, ids, totals?.Version ?? 0, status)
            : new Found(await wanted.Of(tokens).CountAsync(cancellation), null, totals?.Version ?? 0, status);
        if (key is not null)
            _found.Set(key, found, new MemoryCacheEntryOptions { Size = BytesBeside + (sizeof(char) * wanted.Key!.Length) + found.Bytes });
        return found;
    }

    /// <summary>Reads row by row until there are too many. A LIMIT would need an order, which costs the time that this saves.</summary>
    /// <returns>Null: too many.</returns>
    private async Task<long[]?> FewAsync(IQueryable<long> tokens, CancellationToken cancellation)
    {
        var ids = new List<long>();
        await foreach (var id in tokens.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (ids.Count == few)
                return null;
            ids.Add(id);
        }

        return [.. ids];
    }

    /// <summary>Whether a status or expiration may have changed only because time passed.</summary>
    private static async Task<bool> HaveEndedAsync(IQueryable<Token> tokens, StatusClock then, StatusClock now, CancellationToken cancellation) =>
        then.Now > now.Now
        || await tokens.AnyAsync(token => token.ExpiresAt > then.Now && token.ExpiresAt <= now.Now, cancellation)
        || await tokens.AnyAsync(token => token.ExpiresAt > then.ExpiringBefore && token.ExpiresAt <= now.ExpiringBefore, cancellation)
        || await tokens.AnyAsync(token => token.PreviousEndsAt > then.Now && token.PreviousEndsAt <= now.Now, cancellation);

    /// <param name="Ids">The unsorted IDs of all results; null: too many.</param>
    /// <param name="Clock">The time of the count.</param>
    private sealed record Found(int Total, long[]? Ids, long Version, StatusClock Clock)
    {
        /// <summary>The results of a search; null: no search.</summary>
        public TokenSet? Set { get; private init; }

        /// <summary>The memory that it takes, with the IDs in order.</summary>
        public int Bytes => (2 * sizeof(long) * (Ids?.Length ?? 0)) + (Set is null ? 0 : Set.Bytes + (sizeof(long) * Math.Min(Set.Count, MostSorted)));

        public static Found Of(TokenSet set, TokenTotals? totals, StatusClock clock) => new(set.Count, null, totals?.Version ?? 0, clock) { Set = set };

        /// <summary>The IDs in the order that was requested last.</summary>
        public Ordered? InOrder { get; set; }
    }

    private sealed record Ordered(string Key, long[] Ids);
}
