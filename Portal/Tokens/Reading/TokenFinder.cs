using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Finds the page of a list that is wanted, and how many there are in all, in a time that hardly depends on how many tokens the
/// account has.</summary>
/// <remarks>
/// To count what a filter finds takes as long as there is to count. The number is therefore kept until something of the account's tokens
/// changes (<see cref="TokenTotals.Version"/>) or, where the filter is about time, a key ends; and while there are few, their ids with it.
/// </remarks>
/// <param name="few">So many at most have their ids kept, and are put in order by themselves. More than that lie close enough together in
/// the order that the database goes along it.</param>
public sealed class TokenFinder(int few) : IDisposable
{
    private const int Few = 30_000;

    private const int MostBytesKept = 8 << 20, LongestKey = 1_024, BytesBeside = 256;

    private readonly MemoryCache _found = new(new MemoryCacheOptions { SizeLimit = MostBytesKept });

    public TokenFinder() : this(Few)
    {
    }

    public void Dispose() => _found.Dispose();

    /// <param name="offset">How many are left out at the beginning.</param>
    /// <param name="limit">How many are wanted at most.</param>
    /// <returns>The ids in their order, and the number of all.</returns>
    internal async Task<(IReadOnlyList<long> Ids, int Total)> FindAsync(
        PortalDbContext context, string accountId, TokenSelection wanted, StatusClock status, int offset, int limit, CancellationToken cancellation)
    {
        var tokens = context.Tokens.AsNoTracking().Where(token => token.AccountId == accountId);
        var found = await CountAsync(context, tokens, accountId, wanted, status, cancellation);
        var count = Math.Min(limit, found.Total - offset);
        if (count <= 0)
            return ([], found.Total);
        if (found.Ids is { } all)
            return ((await OrderAsync(context, all, wanted, found, cancellation)).AsSpan(offset, count).ToArray(), found.Total);
        // What lies beyond the middle is nearer to the end.
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
            // Some went away meanwhile; who asks next will find less.
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
        // Before it is counted: what changes meanwhile makes the number old, and never the other way round.
        var tally = await context.TokenTallies.AsNoTracking().SingleOrDefaultAsync(tally => tally.AccountId == accountId, cancellation);
        if (!wanted.IsFiltered && wanted.Deleted == DeletedTokens.LeftOut)
            return new Found(tally?.Kept ?? 0, null, 0, status);
        if (before is not null && before.Version == (tally?.Version ?? 0)
            && !(wanted.ChangesWithTime && await HaveEndedAsync(tokens, before.Clock, status, cancellation)))
            return before;
        var found = await FewAsync(wanted.Of(tokens).Select(token => token.Id), cancellation) is { } ids
            ? new Found(ids.Length, ids, tally?.Version ?? 0, status)
            : new Found(await wanted.Of(tokens).CountAsync(cancellation), null, tally?.Version ?? 0, status);
        if (key is not null)
            _found.Set(key, found, new MemoryCacheEntryOptions { Size = BytesBeside + (sizeof(char) * wanted.Key!.Length) + (2 * sizeof(long) * (found.Ids?.Length ?? 0)) });
        return found;
    }

    /// <summary>Read row by row until there are too many: a limit would need an order, and that costs the time that this is to save.</summary>
    /// <returns>Null: they are too many.</returns>
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

    /// <summary>Whether a status or an expiration may be another one only because time went on.</summary>
    private static async Task<bool> HaveEndedAsync(IQueryable<Token> tokens, StatusClock then, StatusClock now, CancellationToken cancellation) =>
        then.Now > now.Now
        || await tokens.AnyAsync(token => token.ExpiresAt > then.Now && token.ExpiresAt <= now.Now, cancellation)
        || await tokens.AnyAsync(token => token.ExpiresAt > then.ExpiringBefore && token.ExpiresAt <= now.ExpiringBefore, cancellation)
        || await tokens.AnyAsync(token => token.PreviousEndsAt > then.Now && token.PreviousEndsAt <= now.Now, cancellation);

    /// <param name="Ids">Of all, in no order; null: they are too many.</param>
    /// <param name="Clock">Since when.</param>
    private sealed record Found(int Total, long[]? Ids, long Version, StatusClock Clock)
    {
        /// <summary>The ids as somebody wanted them last.</summary>
        public Ordered? InOrder { get; set; }
    }

    private sealed record Ordered(string Key, long[] Ids);
}
