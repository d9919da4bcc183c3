using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reads the results of a token's requests. Days are UTC days.</summary>
public sealed class StatisticsReader(
    IDbContextFactory<PortalDbContext> contexts, CountWriter writer, AccessControl access, IOptions<StatisticsOptions> options, TimeProvider clock)
{
    /// <summary>The number of days that the pages show at first, including today.</summary>
    public const int Days = 30;

    /// <summary>The number of days that tell whether a token is in use, including today.</summary>
    public const int DaysOfUse = 7;

    /// <summary>Whether the database refuses the counts at present. They are kept in memory.</summary>
    public bool AreBehind => writer.IsFailing;

    /// <summary>The number of requests that were counted without their details the last time the database refused counts for long.</summary>
    public long CountedWithoutDetails => writer.CountedWithoutDetails;

    private DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>The periods that statistics are kept for, shortest first.</summary>
    public IReadOnlyList<StatisticsPeriod> Periods { get; } =
        [.. StatisticsPeriod.All.Where(period => period.IsHours || period.Length <= options.Value.RetentionDays)];

    /// <summary>Finds the period that an address names, or the default if it isn't kept.</summary>
    /// <inheritdoc cref="StatisticsPeriod.Find"/>
    public StatisticsPeriod FindPeriod(string? hours, string? days) =>
        StatisticsPeriod.Find(hours, days) is { } found && Periods.Contains(found) ? found : StatisticsPeriod.Default;

    /// <summary>Reads the last <see cref="Days"/> days of a token of the account; null if the account has no such token.</summary>
    public Task<TokenStatistics?> ReadAsync(Actor actor, string handle, CancellationToken cancellation = default) =>
        ReadAsync(actor, handle, StatisticsPeriod.Default, cancellation);

    /// <summary>Reads a period of a token of the account; null if the account has no such token.</summary>
    public async Task<TokenStatistics?> ReadAsync(Actor actor, string handle, StatisticsPeriod period, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        var today = DateOnly.FromDateTime(now);
        var first = period.IsHours ? DateOnly.FromDateTime(now.AddHours(1 - period.Length)) : today.AddDays(1 - period.Length);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await FindAsync(context, actor.AccountId, handle, cancellation) is not { } tokenId)
            return null;
        var statistics = await ReadDaysAsync(context, tokenId, first, today, cancellation);
        return period.IsHours ? await WithHoursAsync(context, tokenId, statistics, now, period.Length, cancellation) : statistics;
    }

    private static async Task<TokenStatistics> ReadDaysAsync(PortalDbContext context, long tokenId, DateOnly first, DateOnly today, CancellationToken cancellation)
    {
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

    private static async Task<TokenStatistics> WithHoursAsync(
        PortalDbContext context, long tokenId, TokenStatistics days, DateTime now, int length, CancellationToken cancellation)
    {
        var last = HourlyCount.HourOf(now);
        int[] wanted = [.. Enumerable.Range(last + 1 - length, length)];
        // As constants, each is searched in the primary key. A range would read the hours of all tokens.
        var counts = await context.HourlyCounts.AsNoTracking()
            .Where(count => EF.Constant(wanted).Contains(count.Hour) && count.TokenId == tokenId)
            .ToDictionaryAsync(count => count.Hour, ResponseCounts.Of, cancellation);
        HourStatistics[] hours = [.. wanted.Select(hour => new HourStatistics(HourlyCount.TimeOf(hour), counts.GetValueOrDefault(hour)))];
        return days with { Hours = hours, Total = hours.Aggregate(default(ResponseCounts), (sum, hour) => sum.Plus(hour.Responses)) };
    }

    /// <summary>Reads a mark that differs as soon as the statistics or recent requests of a token have changed: it costs much less than reading
    /// them.</summary>
    public async Task<StatisticsMark> ReadMarkAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        // Requests that began before midnight may be counted a little later.
        var first = DateOnly.FromDateTime(now).AddDays(-1);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokenId = await FindAsync(context, actor.AccountId, handle, cancellation);
        var requests = await context.DailyCounts.Where(count => count.TokenId == tokenId && count.Day >= first).SumAsync(count => count.Count, cancellation);
        return new StatisticsMark(HourlyCount.TimeOf(HourlyCount.HourOf(now)), requests);
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
        var fingerprints = await FingerprintsAsync(context, tokenId, cancellation);
        return [.. waiting.Concat(RecentRequestFormat.Read(stored)).OrderByDescending(request => request.At).Take(RecentRequestBuffer.MostKept)
            .Select(request => fingerprints.GetValueOrDefault(request.SecretId) is { } fingerprint ? request with { Fingerprint = fingerprint } : request)];
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

    /// <summary>Counts the requests that Portal refused: with a valid key today, and with a retired key in the last <see cref="DaysOfUse"/> days.</summary>
    public async Task<RefusedCounts> CountRefusedAsync(Actor actor, string handle, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var (today, first) = (Today, Today.AddDays(1 - DaysOfUse));
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var tokenId = await FindAsync(context, actor.AccountId, handle, cancellation);
        var counts = await context.DailyCounts
            .Where(count => count.TokenId == tokenId && count.Day >= first && count.Day <= today && count.Reason != "")
            .GroupBy(count => new { IsToday = count.Day == today, IsRetired = count.Reason == CountReason.RetiredKey })
            .Select(group => new { group.Key, Count = group.Sum(count => count.Count) })
            .ToListAsync(cancellation);
        return new RefusedCounts(
            counts.Where(group => group.Key is { IsToday: true, IsRetired: false }).Sum(group => group.Count),
            counts.Where(group => group.Key.IsRetired).Sum(group => group.Count));
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

    /// <summary>Finds the fingerprints of a token's secrets, including retired ones, by the ID of the secret.</summary>
    private static Task<Dictionary<long, string?>> FingerprintsAsync(PortalDbContext context, long tokenId, CancellationToken cancellation) =>
        context.TokenSecrets.Where(secret => secret.TokenId == tokenId).ToDictionaryAsync(secret => secret.Id, secret => secret.Fingerprint, cancellation);
}

/// <summary>See <see cref="StatisticsReader.ReadMarkAsync"/>.</summary>
/// <param name="Hour">The current hour in UTC: periods move on with time.</param>
/// <param name="Requests">The number of requests that were counted today and yesterday.</param>
public readonly record struct StatisticsMark(DateTime Hour, long Requests);
