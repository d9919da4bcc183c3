using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reasons of refusals that aren't error codes of the API.</summary>
public static class CountReason
{
    /// <summary>The key belonged to the token but has been replaced. It isn't counted as a response: the secret is no longer valid.</summary>
    public const string RetiredKey = DailyCount.RetiredKey;
}

/// <summary>Requests that Portal refused.</summary>
/// <param name="Today">With a valid key, on the current UTC day.</param>
/// <param name="WithRetiredKey">With a retired key, in the last <see cref="StatisticsReader.DaysOfUse"/> days.</param>
public readonly record struct RefusedCounts(long Today, long WithRetiredKey);

/// <summary>The numbers of responses by category, as the pages name them: 200, 300, 400, 500.</summary>
public readonly record struct ResponseCounts(long Success, long Redirection, long ClientError, long ServerError)
{
    public long Total => Success + Redirection + ClientError + ServerError;

    internal static ResponseCounts Of(IEnumerable<DailyCount> counts)
    {
        var sums = new ResponseCounts();
        foreach (var count in counts)
            sums = sums.With(count.StatusCode, count.Count);
        return sums;
    }

    internal static ResponseCounts Of(HourlyCount count) => new(count.Success, count.Redirection, count.ClientError, count.ServerError);

    internal ResponseCounts With(int statusCode, long count) => statusCode switch
    {
        < 300 => this with { Success = Success + count },
        < 400 => this with { Redirection = Redirection + count },
        < 500 => this with { ClientError = ClientError + count },
        _ => this with { ServerError = ServerError + count },
    };

    internal ResponseCounts Plus(ResponseCounts other) =>
        new(Success + other.Success, Redirection + other.Redirection, ClientError + other.ClientError, ServerError + other.ServerError);
}

/// <param name="Hour">The beginning of the hour, in UTC.</param>
public sealed record HourStatistics(DateTime Hour, ResponseCounts Responses);

public sealed record DayStatistics(DateOnly Day, ResponseCounts Responses);

/// <param name="ModuleId">Empty for paths that no module owns.</param>
public sealed record ModuleStatistics(string ModuleId, ResponseCounts Responses);

/// <param name="Reason">An error code of the API, or <see cref="CountReason.RetiredKey"/>.</param>
public sealed record RefusalStatistics(string Reason, long Count);

/// <summary>The responses of a token over several days.</summary>
/// <param name="Days">Every day, oldest first, including days without a request.</param>
/// <param name="Total">The responses of all days or, if there are <see cref="Hours"/>, of all hours.</param>
/// <param name="Modules">The modules with requests, busiest first.</param>
/// <param name="Refusals">The refusals that occurred, most frequent first.</param>
public sealed record TokenStatistics(
    IReadOnlyList<DayStatistics> Days, ResponseCounts Total, IReadOnlyList<ModuleStatistics> Modules, IReadOnlyList<RefusalStatistics> Refusals)
{
    /// <summary>Null if there is no request with a known duration.</summary>
    public LatencyStatistics? Latency { get; init; }

    /// <summary>Every hour, oldest first, including hours without a request, if the period is in hours; otherwise null. Modules, refusals and latency
    /// are only counted by day: they are those of <see cref="Days"/>, which are the days of these hours.</summary>
    public IReadOnlyList<HourStatistics>? Hours { get; init; }

    public bool IsEmpty => Total.Total == 0 && Refusals.Count == 0;

    /// <summary>Whether both have the same numbers: counts only grow, so equal sums over the same days and hours mean equal parts.</summary>
    public bool HasSameNumbers(TokenStatistics other) =>
        Total == other.Total && Days[0].Day == other.Days[0].Day && Days.Count == other.Days.Count && Hours?[0].Hour == other.Hours?[0].Hour
        && Refusals.Sum(refusal => refusal.Count) == other.Refusals.Sum(refusal => refusal.Count);

    internal static TokenStatistics From(List<DailyCount> counts, DateOnly first, DateOnly last)
    {
        var responses = counts.Where(count => count.Reason != CountReason.RetiredKey).ToList();
        var byDay = responses.ToLookup(count => count.Day);
        return new TokenStatistics(
            [.. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1)
                .Select(first.AddDays)
                .Select(day => new DayStatistics(day, ResponseCounts.Of(byDay[day])))],
            ResponseCounts.Of(responses),
            [.. responses.GroupBy(count => count.ModuleId)
                .Select(module => new ModuleStatistics(module.Key, ResponseCounts.Of(module)))
                .OrderByDescending(module => module.Responses.Total)],
            [.. counts.Where(count => count.Reason.Length > 0)
                .GroupBy(count => count.Reason)
                .Select(reason => new RefusalStatistics(reason.Key, reason.Sum(count => count.Count)))
                .OrderByDescending(reason => reason.Count)]);
    }
}
