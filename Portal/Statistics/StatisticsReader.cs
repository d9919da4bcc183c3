using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reads what a token's requests ended in. Days are UTC days.</summary>
public sealed class StatisticsReader(IDbContextFactory<PortalDbContext> contexts, CountWriter writer, AccessControl access, TimeProvider clock)
{
    /// <summary>How many days the screens show, today included.</summary>
    public const int Days = 30;

    /// <summary>Whether the database refuses the counts at present; they wait in memory.</summary>
    public bool AreBehind => writer.IsFailing;

    /// <summary>Requests that were counted without their details while the database took no counts for long, the last time that happened.</summary>
    public long CountedWithoutDetails => writer.CountedWithoutDetails;

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>The last <see cref="Days"/> days of a token of the account; null: the account has no such token.</summary>
    public async Task<TokenStatistics?> ReadAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var (today, first) = (Today, Today.AddDays(1 - Days));
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokenId = await FindAsync(context, actor.AccountId, handle, cancellation);
        if (tokenId is null)
            return null;
        var counts = await context.DailyCounts.AsNoTracking()
            .Where(count => count.TokenId == tokenId && count.Day >= first && count.Day <= today)
            .ToListAsync(cancellation);
        var latencies = await context.LatencyCounts.AsNoTracking()
            .Where(count => count.TokenId == tokenId && count.Day >= first && count.Day <= today)
            .GroupBy(count => count.Bucket)
            .Select(bucket => new { Bucket = bucket.Key, Count = bucket.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return TokenStatistics.From(counts, first, today) with
        {
            Latency = LatencyStatistics.From(latencies.Select(entry => (entry.Bucket, entry.Count))),
        };
    }

    /// <summary>The last requests of a token of the account, newest first, also those that wait to be written.</summary>
    public async Task<IReadOnlyList<RecentRequest>> ReadRecentAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await FindAsync(context, actor.AccountId, handle, cancellation) is not { } tokenId)
            return [];
        // Those that wait first: what is written meanwhile is then in both, and not in neither.
        var waiting = writer.WaitingRequests(tokenId);
        var stored = await context.RecentRequests.AsNoTracking().Where(recent => recent.TokenId == tokenId).Select(recent => recent.Entries).SingleOrDefaultAsync(cancellation);
        return [.. waiting.Concat(RecentFormat.Read(stored)).OrderByDescending(request => request.At).Take(RecentRing.MostKept)];
    }

    /// <summary>How many requests came with a right key today.</summary>
    public async Task<long> CountTodayAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var today = Today;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokenId = await FindAsync(context, actor.AccountId, handle, cancellation);
        return await context.DailyCounts
            .Where(count => count.TokenId == tokenId && count.Day == today && count.Reason != CountReason.RetiredKey)
            .SumAsync(count => count.Count, cancellation);
    }

    /// <summary>How many requests came with a right key today, by handle; in one query for all of them.</summary>
    /// <returns>Without the handles that had none, or that the account does not have.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CountTodayOfEachAsync(
        Actor actor, IReadOnlyCollection<string> handles, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (handles.Count == 0)
            return new Dictionary<string, long>();
        var (today, wanted) = (Today, handles.ToArray());
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts =
            from token in context.Tokens
            where token.AccountId == actor.AccountId && EF.Parameter(wanted).Contains(token.Handle)
            join count in context.DailyCounts on token.Id equals count.TokenId
            where count.Day == today && count.Reason != CountReason.RetiredKey
            group count.Count by token.Handle into each
            select new { Handle = each.Key, Count = each.Sum() };
        return await counts.ToDictionaryAsync(each => each.Handle, each => each.Count, StringComparer.Ordinal, cancellation);
    }

    private static async Task<long?> FindAsync(PortalDbContext context, string accountId, string handle, CancellationToken cancellation) =>
        await context.Tokens
            .Where(token => token.AccountId == accountId && token.Handle == handle)
            .Select(token => (long?)token.Id)
            .SingleOrDefaultAsync(cancellation);
}
