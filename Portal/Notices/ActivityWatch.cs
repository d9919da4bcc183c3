using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Statistics;
using Portal.Tokens;

namespace Portal.Notices;

/// <summary>Something unusual about the use of a token on a day.</summary>
/// <param name="Count">The number of requests; 0: it isn't about a number.</param>
/// <param name="Address">The address from which it was used; null: it isn't about an address.</param>
internal sealed record TokenActivity(long TokenId, string Kind, DateOnly Day, long Count, string? Address = null)
{
    /// <summary>The key of the notice: each kind once for each token and day.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Kind}:{TokenId}:{Day:yyyy-MM-dd}");
}

/// <summary>Finds unusual use in the statistics, and writes a notice of each kind once for each token and day.</summary>
/// <remarks>It reads what <see cref="CountWriter"/> has written, so requests don't wait for it.</remarks>
internal sealed class ActivityWatch(IDbContextFactory<PortalDbContext> contexts, AddressNews news, ReaderFinder readers, NoticeRows rows)
{
    /// <summary>The reason of refusals that exceed a rate limit.</summary>
    private const string RateLimit = "RATE_001";

    /// <summary>The number of refusals of a day below which nobody is told.</summary>
    internal const int FewestRefused = 20;

    /// <summary>How many times as many refusals as usual are worth telling.</summary>
    internal const int Multiple = 3;

    /// <summary>The number of days before today that say what is usual.</summary>
    internal const int UsualDays = 7;

    private readonly HashSet<string> _told = [];
    private DateOnly _day;

    /// <summary>Finds what hasn't been told yet, in all accounts.</summary>
    public async Task<ILookup<string, TokenActivity>> FindAsync(DateTime now, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(now);
        if (_day != today)
        {
            _told.Clear();
            _day = today;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var refused = await context.DailyCounts.AsNoTracking().Where(count => count.Day == today && count.Reason.Length > 0)
            .GroupBy(count => new { count.TokenId, count.Reason }).Select(group => new { group.Key.TokenId, group.Key.Reason, Count = group.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        List<TokenActivity> found =
        [
            .. news.Take().Select(seen => new TokenActivity(seen.TokenId, NoticeKind.NewNetwork, today, 0, seen.Address.ToString())),
            .. refused.Where(row => row.Reason == DailyCount.RetiredKey).Select(row => new TokenActivity(row.TokenId, NoticeKind.RetiredKeyUsed, today, row.Count)),
            .. refused.Where(row => row.Reason == RateLimit).Select(row => new TokenActivity(row.TokenId, NoticeKind.RateLimited, today, row.Count)),
            .. refused.Where(row => row.Reason == DailyCount.NotUsable).Select(row => new TokenActivity(row.TokenId, NoticeKind.ExpiredCalled, today, row.Count)),
        ];
        var many = refused.Where(row => row.Reason is not (DailyCount.RetiredKey or RateLimit or DailyCount.NotUsable)).GroupBy(row => row.TokenId)
            .Select(group => (TokenId: group.Key, Count: group.Sum(row => row.Count))).Where(token => token.Count >= FewestRefused).ToList();
        found.RemoveAll(activity => _told.Contains(activity.Key));
        many.RemoveAll(token => _told.Contains(new TokenActivity(token.TokenId, NoticeKind.RefusedMore, today, 0).Key));
        found.AddRange(await FindUnusualAsync(context, many, now, cancellation));
        var accounts = new Dictionary<long, string>();
        foreach (var ids in found.Select(activity => activity.TokenId).Distinct().Chunk(ExpirySweep.TokensAtOnce))
            foreach (var token in await context.Tokens.AsNoTracking()
                         .Where(token => ids.Contains(token.Id) && token.DeletedAt == null)
                         .Select(token => new { token.Id, token.AccountId }).ToListAsync(cancellation))
                accounts[token.Id] = token.AccountId;
        return found.DistinctBy(activity => activity.Key).Where(activity => accounts.ContainsKey(activity.TokenId)).ToLookup(activity => accounts[activity.TokenId]);
    }

    /// <summary>Writes the notices. Those that exist remain as they are.</summary>
    public async Task WriteAsync(NoticeTurn turn, IReadOnlyCollection<TokenActivity> activities, DateTime now, CancellationToken cancellation)
    {
        await turn.WriteAsync((context, token) => WriteAsync(context, turn.AccountId, activities, now, token), cancellation);
        _told.UnionWith(activities.Select(activity => activity.Key));
    }

    /// <summary>Leaves out tokens that are always refused that often: compared with the last days, by this time of the day.</summary>
    private static async Task<List<TokenActivity>> FindUnusualAsync(PortalDbContext context, IEnumerable<(long TokenId, long Count)> many, DateTime now, CancellationToken cancellation)
    {
        var (today, found) = (DateOnly.FromDateTime(now), new List<TokenActivity>());
        var (since, passed) = (today.AddDays(-UsualDays), now.TimeOfDay / TimeSpan.FromDays(1));
        foreach (var tokens in many.Chunk(ExpirySweep.TokensAtOnce))
        {
            var ids = tokens.Select(token => token.TokenId).ToArray();
            var before = await context.DailyCounts.AsNoTracking()
                .Where(count => ids.Contains(count.TokenId) && count.Day >= since && count.Day < today && count.Reason.Length > 0
                    && count.Reason != DailyCount.RetiredKey && count.Reason != RateLimit && count.Reason != DailyCount.NotUsable)
                .GroupBy(count => count.TokenId).Select(group => new { group.Key, Count = group.Sum(count => count.Count) })
                .ToDictionaryAsync(row => row.Key, row => row.Count, cancellation);
            found.AddRange(tokens.Where(token => token.Count >= Multiple * passed * before.GetValueOrDefault(token.TokenId) / UsualDays)
                .Select(token => new TokenActivity(token.TokenId, NoticeKind.RefusedMore, today, token.Count)));
        }

        return found;
    }

    private async Task WriteAsync(PortalDbContext context, string accountId, IReadOnlyCollection<TokenActivity> activities, DateTime now, CancellationToken cancellation)
    {
        var (keys, ids) = (activities.Select(activity => activity.Key).ToArray(), activities.Select(activity => activity.TokenId).Distinct().ToArray());
        var known = await context.Notices.Where(notice => notice.AccountId == accountId && keys.Contains(notice.Key)).Select(notice => notice.Key).ToHashSetAsync(cancellation);
        var tokens = await context.Tokens.AsNoTracking().Where(token => ids.Contains(token.Id) && token.DeletedAt == null)
            .Select(token => new { token.Id, token.Handle, token.Name, token.Contact, token.OwnerId, token.Status, token.ExpiresAt, token.PreviousEndsAt }).ToDictionaryAsync(token => token.Id, cancellation);
        foreach (var kind in activities.Where(activity => !known.Contains(activity.Key) && tokens.ContainsKey(activity.TokenId)).GroupBy(activity => activity.Kind))
        {
            // A disabled token is refused for the same reason.
            var due = kind.Where(activity => kind.Key != NoticeKind.ExpiredCalled || (tokens[activity.TokenId] is { Status: StoredStatus.Active } token
                && token.ExpiresAt <= now && !(token.PreviousEndsAt > now))).ToList();
            var told = await readers.FindAsync(
                context, accountId, kind.Key, [.. due.Select(activity => (activity.TokenId, tokens[activity.TokenId].Contact, tokens[activity.TokenId].OwnerId))], cancellation);
            foreach (var activity in due)
            {
                var token = tokens[activity.TokenId];
                Dictionary<string, object?> details = new() { ["day"] = activity.Day };
                if (activity.Count > 0)
                    details["requests"] = activity.Count;
                if (activity.Address is { } address)
                    details["address"] = address;
                rows.Add(context, new TokenNotice(accountId, token.Id, token.Handle, token.Name, kind.Key, activity.Key, IsUrgent: false, details), told[token.Id], now);
            }
        }

        await context.SaveChangesAsync(cancellation);
    }
}
