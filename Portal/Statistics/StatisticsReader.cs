using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reads the results of a token's requests. Days are UTC days.</summary>
public sealed class StatisticsReader(IDbContextFactory<PortalDbContext> contexts, CountWriter writer, AccessControl access, TimeProvider clock)
{
    /// <summary>The number of days that the pages show, including today.</summary>
    public const int Days = 30;

    /// <summary>The number of days that tell whether a token is in use, including today.</summary>
    public const int DaysOfUse = 7;

    /// <summary>Whether the database refuses the counts at present. They are kept in memory.</summary>
    public bool AreBehind => writer.IsFailing;

    /// <summary>The number of requests that were counted without their details the last time the database refused counts for long.</summary>
    public long CountedWithoutDetails => writer.CountedWithoutDetails;

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>Reads the last <see cref="Days"/> days of a token of the account; null if the account has no such token.</summary>
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

    /// <summary>Reads the recent requests of a token of the account, newest first, including those that wait to be written.</summary>
    public async Task<IReadOnlyList<RecentRequest>> ReadRecentAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await FindAsync(context, actor.AccountId, handle, cancellation) is not { } tokenId)
            return [];
        // Waiting requests first: one that is written meanwhile is then in both instead of neither.
        var waiting = writer.WaitingRequests(tokenId);
        var stored = await context.RecentRequests.AsNoTracking().Where(recent => recent.TokenId == tokenId).Select(recent => recent.Entries).SingleOrDefaultAsync(cancellation);
        return [.. waiting.Concat(RecentRequestFormat.Read(stored)).OrderByDescending(request => request.At).Take(RecentRequestBuffer.MostKept)];
    }

    /// <summary>Counts the requests with a valid key today.</summary>
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

    /// <summary>Estimates the requests with a valid key per day: the average of the days with requests among the last seven, and at least those of
    /// today so far.</summary>
    public async Task<long> CountPerDayAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var (today, first) = (Today, Today.AddDays(1 - DaysOfUse));
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokenId = await FindAsync(context, actor.AccountId, handle, cancellation);
        var days = await context.DailyCounts
            .Where(count => count.TokenId == tokenId && count.Day >= first && count.Day <= today && count.Reason != CountReason.RetiredKey)
            .GroupBy(count => count.Day)
            .Select(day => new { Day = day.Key, Count = day.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return days.Count == 0 ? 0 : Math.Max((long)Math.Ceiling(days.Average(day => (double)day.Count)), days.Find(day => day.Day == today)?.Count ?? 0);
    }

    /// <summary>Counts the requests with a valid key today for each handle, in one query.</summary>
    /// <returns>The counts, without handles that had no requests or don't belong to the account.</returns>
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
