using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>How much a token is used at present, by requests with a valid key.</summary>
/// <param name="Today">The requests today (UTC).</param>
/// <param name="PerDay">The estimated requests per day, as <see cref="StatisticsReader.CountPerDayAsync"/> estimates them.</param>
public readonly record struct TokenUse(long Today, long PerDay);

/// <summary>Reads how much many tokens are used, in one query.</summary>
public sealed class TokenUseReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    /// <returns>The use by handle, without handles that had no requests in the last days or don't belong to the account.</returns>
    public async Task<IReadOnlyDictionary<string, TokenUse>> ReadAsync(
        Actor actor, IReadOnlyCollection<string> handles, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        if (handles.Count == 0)
            return new Dictionary<string, TokenUse>();
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (first, wanted) = (today.AddDays(1 - StatisticsReader.DaysOfUse), handles.ToArray());
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts =
            from token in context.Tokens
            where EF.Parameter(wanted).Contains(token.Handle)
            join count in context.DailyCounts on token.Id equals count.TokenId
            where count.Day >= first && count.Day <= today && count.Reason != CountReason.RetiredKey
            group count.Count by new { token.AccountId, token.Handle, count.Day } into day
            select new { day.Key.AccountId, day.Key.Handle, day.Key.Day, Count = day.Sum() };
        // The account is compared afterwards: with it in the condition, SQLite reads all tokens of the account.
        return (await counts.ToListAsync(cancellation)).Where(day => day.AccountId == actor.AccountId).GroupBy(day => day.Handle, StringComparer.Ordinal).ToDictionary(
            days => days.Key,
            days =>
            {
                var now = days.FirstOrDefault(day => day.Day == today)?.Count ?? 0;
                return new TokenUse(now, Math.Max((long)Math.Ceiling(days.Average(day => (double)day.Count)), now));
            },
            StringComparer.Ordinal);
    }
}
