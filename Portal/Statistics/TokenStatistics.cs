using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reasons of refusals that are no error codes of the API.</summary>
public static class CountReason
{
    /// <summary>The key was one of the token's, but has been replaced. Not among the responses: the secret is wrong by now.</summary>
    public const string RetiredKey = "RETIRED";
}

/// <summary>Numbers of responses by category, as the screens name them: 200, 300, 400, 500.</summary>
public readonly record struct ResponseCounts(long Success, long Redirection, long ClientError, long ServerError)
{
    public long Total => Success + Redirection + ClientError + ServerError;

    internal static ResponseCounts Of(IEnumerable<DailyCount> counts)
    {
        var sums = new ResponseCounts();
        foreach (var count in counts)
            sums = count.StatusCode switch
            {
                < 300 => sums with { Success = sums.Success + count.Count },
                < 400 => sums with { Redirection = sums.Redirection + count.Count },
                < 500 => sums with { ClientError = sums.ClientError + count.Count },
                _ => sums with { ServerError = sums.ServerError + count.Count },
            };
        return sums;
    }
}

public sealed record DayStatistics(DateOnly Day, ResponseCounts Responses);

/// <param name="ModuleId">Empty: paths that no module owns.</param>
public sealed record ModuleStatistics(string ModuleId, ResponseCounts Responses);

/// <param name="Reason">An error code of the API, or <see cref="CountReason.RetiredKey"/>.</param>
public sealed record RefusalStatistics(string Reason, long Count);

/// <summary>The responses of a token over several days.</summary>
/// <param name="Days">Every day, oldest first, also those without a request.</param>
/// <param name="Modules">Those with requests, busiest first.</param>
/// <param name="Refusals">Those that occurred, most frequent first.</param>
public sealed record TokenStatistics(
    IReadOnlyList<DayStatistics> Days, ResponseCounts Total, IReadOnlyList<ModuleStatistics> Modules, IReadOnlyList<RefusalStatistics> Refusals)
{
    /// <summary>Null: no request whose time is known.</summary>
    public LatencyStatistics? Latency { get; init; }

    public bool IsEmpty => Total.Total == 0 && Refusals.Count == 0;

    /// <summary>Whether both say the same: counts only grow, so equal sums over equal days mean equal parts.</summary>
    public bool HasSameNumbers(TokenStatistics other) =>
        Total == other.Total && Days[0].Day == other.Days[0].Day && Refusals.Sum(refusal => refusal.Count) == other.Refusals.Sum(refusal => refusal.Count);

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
