using Portal.Api.Document;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>What the API's document says of <see cref="StatisticsEndpoints"/>.</summary>
internal static class StatisticsOperations
{
    private static readonly DayBody Day = new(new DateOnly(2026, 11, 24), [new StatusCountBody("200", 412), new StatusCountBody("404", 3)]);

    public static readonly ApiOperation Aggregates = new(
        "statistics_account_token_aggregates_getAggregatesAccountTokenAggregates", ApiTags.Statistics, "Read a day's answers")
    {
        Description = "How often each status code was answered on a UTC day: today, or the one of `date`. With `days` a list, the oldest day first.",
        Target = ApiTarget.Token,
        Parameters =
        [
            new("date", "The day; without it, today.", typeof(DateOnly), "2026-11-24"),
            new("days", "Asks for a list of so many days up to that one, as far as statistics are kept.", typeof(int), "2"),
        ],
        Answer = new(StatusCodes.Status200OK, "The day; with `days`, the days.", Day)
        {
            OrList = (DayBody[])[Day with { Date = Day.Date.AddDays(-1), Statuses = [] }, Day],
        },
        Errors = [Invalid("date: must be a day such as 2030-01-15."), NotFound],
    };

    public static readonly ApiOperation Summary = new(
        "statistics_account_token_summary_getSummaryAccountTokenSummary", ApiTags.Statistics, "Read all answers")
    {
        Description = "How often each status code was answered in the time for which statistics are kept.",
        Target = ApiTarget.Token,
        Answer = new(
            StatusCodes.Status200OK, "The totals.",
            new SummaryBody(
                Samples.Handle, [new StatusTotalBody("200", 12041, 12041), new StatusTotalBody("404", 57, 57)],
                Samples.Moment("2026-11-03T09:12:44+00:00"))),
        Errors = [NotFound],
    };
}
