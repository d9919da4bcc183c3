using Portal.Api.Document;
using static Portal.Api.TokenOperations;

namespace Portal.Api;

/// <summary>Describes the operations of <see cref="StatisticsEndpoints"/>.</summary>
internal static class StatisticsOperations
{
    private static readonly DayBody Day = new(new DateOnly(2026, 11, 24), [new StatusCountBody("200", 412), new StatusCountBody("404", 3)]);

    public static readonly ApiOperation Aggregates = new(
        "statistics_account_token_aggregates_getAggregatesAccountTokenAggregates", ApiTags.Statistics, "Read the responses of a day")
    {
        Description = "Returns how many responses had each status code on a UTC day, which is today or `date`. With `days`, returns a list of days with the oldest first.",
        Target = ApiTarget.Token,
        Parameters =
        [
            new("date", "The day. The default is today.", typeof(DateOnly), "2026-11-24"),
            new("days", "The number of days to return, up to and including `date`. Days before the statistics begin are left out.", typeof(int), "2"),
        ],
        Answer = new(StatusCodes.Status200OK, "The day, or the list of days.", Day)
        {
            OrList = (DayBody[])[Day with { Date = Day.Date.AddDays(-1), Statuses = [] }, Day],
        },
        Errors = [Invalid("date: must be a day such as 2030-01-15."), NotFound],
    };

    public static readonly ApiOperation Summary = new(
        "statistics_account_token_summary_getSummaryAccountTokenSummary", ApiTags.Statistics, "Read the totals")
    {
        Description = "Returns how many responses had each status code since the statistics of the token begin.",
        Target = ApiTarget.Token,
        Answer = new(
            StatusCodes.Status200OK, "The totals.",
            new SummaryBody(
                Samples.Handle, [new StatusTotalBody("200", 12041, 12041), new StatusTotalBody("404", 57, 57)],
                Samples.Moment("2026-11-03T09:12:44+00:00"))),
        Errors = [NotFound],
    };
}
