using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>The number of responses with a status code.</summary>
public sealed record StatusCount(int Code, long Count);

/// <summary>The responses of a UTC day.</summary>
/// <param name="Statuses">By code; empty if there were no requests.</param>
public sealed record DayCounts(DateOnly Day, IReadOnlyList<StatusCount> Statuses);

/// <summary>Reads how often each status code was sent to a token. Requests with a retired key aren't included.</summary>
public sealed class StatusCountReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <param name="handle">The handle of a token of the account. For any other, nothing is found.</param>
    /// <returns>Every day from <paramref name="first"/> to <paramref name="last"/>, oldest first.</returns>
    public async Task<IReadOnlyList<DayCounts>> ReadDaysAsync(
        Actor actor, string handle, DateOnly first, DateOnly last, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts = await Counts(context, actor.AccountId, handle)
            .Where(count => count.Day >= first && count.Day <= last)
            .GroupBy(count => new { count.Day, count.StatusCode })
            .Select(group => new { group.Key.Day, group.Key.StatusCode, Count = group.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        var byDay = counts.ToLookup(count => count.Day);
        return [.. Enumerable.Range(0, Math.Max(last.DayNumber - first.DayNumber + 1, 0))
            .Select(first.AddDays)
            .Select(day => new DayCounts(
                day, [.. byDay[day].OrderBy(count => count.StatusCode).Select(count => new StatusCount(count.StatusCode, count.Count))]))];
    }

    /// <summary>Reads all stored counts by code.</summary>
    public async Task<IReadOnlyList<StatusCount>> ReadTotalsAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts = await Counts(context, actor.AccountId, handle)
            .GroupBy(count => count.StatusCode)
            .Select(group => new { Code = group.Key, Count = group.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return [.. counts.OrderBy(count => count.Code).Select(count => new StatusCount(count.Code, count.Count))];
    }

    private static IQueryable<DailyCount> Counts(PortalDbContext context, string accountId, string handle) =>
        from token in context.Tokens
        where token.AccountId == accountId && token.Handle == handle
        join count in context.DailyCounts on token.Id equals count.TokenId
        where count.Reason != CountReason.RetiredKey
        select count;
}
