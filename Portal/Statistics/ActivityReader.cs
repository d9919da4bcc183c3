using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reads the daily requests of several tokens for lists. Days are UTC days.</summary>
public sealed class ActivityReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    /// <summary>The number of days that are read, including today.</summary>
    public const int Days = 14;

    /// <summary>The maximum number of tokens of one call.</summary>
    public const int MaximumTokens = 100;

    /// <summary>Reads the requests with a valid key of each token and day.</summary>
    /// <param name="handles">Up to <see cref="MaximumTokens"/> handles.</param>
    /// <returns>The counts of <see cref="Days"/> days, oldest first, without handles that had no requests or don't belong to the account.</returns>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<long>>> ReadAsync(
        Actor actor, IReadOnlyCollection<string> handles, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(handles.Count, MaximumTokens);
        if (handles.Count == 0)
            return new Dictionary<string, IReadOnlyList<long>>();
        var (today, wanted) = (DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), handles.ToArray());
        var first = today.AddDays(1 - Days);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // The account is compared afterwards: with it in the condition, SQLite reads all tokens of the account.
        var tokens = (await context.Tokens.Where(token => EF.Parameter(wanted).Contains(token.Handle))
            .Select(token => new { token.Id, token.Handle, token.AccountId }).ToListAsync(cancellation))
            .Where(token => token.AccountId == actor.AccountId)
            .ToDictionary(token => token.Id, token => token.Handle);
        var ids = tokens.Keys.ToArray();
        var counts = await context.DailyCounts
            .Where(count => EF.Parameter(ids).Contains(count.TokenId) && count.Day >= first && count.Day <= today && count.Reason != CountReason.RetiredKey)
            .GroupBy(count => new { count.TokenId, count.Day })
            .Select(day => new { day.Key.TokenId, day.Key.Day, Count = day.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return counts
            .GroupBy(count => count.TokenId)
            .ToDictionary(token => tokens[token.Key], IReadOnlyList<long> (token) => ByDay(token.Select(count => (count.Day.DayNumber - first.DayNumber, count.Count))), StringComparer.Ordinal);
    }

    private static long[] ByDay(IEnumerable<(int Day, long Count)> counts)
    {
        var days = new long[Days];
        foreach (var (day, count) in counts)
            days[day] = count;
        return days;
    }
}
