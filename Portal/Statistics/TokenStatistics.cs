using Portal.Data;

namespace Portal.Statistics;

/// <summary>Reasons of refusals that aren't error codes of the API.</summary>
public static class CountReason
{
    /// <summary>The key belonged to the token but has been replaced. It isn't counted as a response: the secret is no longer valid.</summary>
    public const string RetiredKey = "RETIRED";
}

/// <summary>The numbers of responses by category, as the pages name them: 200, 300, 400, 500.</summary>
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

/// <param name="ModuleId">Empty for paths that no module owns.</param>
public sealed record ModuleStatistics(string ModuleId, ResponseCounts Responses);

/// <param name="Reason">An error code of the API, or <see cref="CountReason.RetiredKey"/>.</param>
public sealed record RefusalStatistics(string Reason, long Count);

/// <summary>The responses of a token over several days.</summary>
/// <param name="Days">Every day, oldest first, including days without a request.</param>
/// <param name="Modules">The modules with requests, busiest first.</param>
/// <param name="Refusals">The refusals that occurred, most frequent first.</param>
public sealed record TokenStatistics(
    IReadOnlyList<DayStatistics> Days, ResponseCounts Total, IReadOnlyList<ModuleStatistics> Modules, IReadOnlyList<RefusalStatistics> Refusals)
{
    /// <summary>Null if there is no request with a known duration.</summary>
    public LatencyStatistics? Latency { get; init; }

    public bool IsEmpty => Total.Total == 0 && Refusals.Count == 0;

    /// <summary>Whether both have the same numbers: counts only grow, so equal sums over the same days mean equal parts.</summary>
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
