using System.Globalization;
using Microsoft.Extensions.Options;
using Portal.Statistics;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Api;

/// <summary>The number of responses by status code. Days are UTC days.</summary>
internal static class StatisticsEndpoints
{
    /// <summary>Returns one day: today, or <c>date</c>. Beyond the contract, <c>days</c> returns a list of this number of days that ends
    /// with it.</summary>
    public static async Task<IResult> GetAggregatesAsync(
        string id, HttpContext context, ApiActor caller, TokenRecordReader records, StatusCountReader counts,
        IOptions<StatisticsOptions> options, TimeProvider clock, CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, id, cancellation) is null)
            return TokenAnswers.NotFound(id);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (last, days) = (ReadDate(context.Request, today), ReadDays(context.Request, options.Value.RetentionDays));
        List<string> faults = [];
        if (last is null)
            faults.Add("date: must be a day such as 2030-01-15.");
        if (days is null)
            faults.Add($"days: must be one whole number from 1 to {options.Value.RetentionDays}.");
        if (last is null || days is null)
            return new Refusal(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. faults]);
        var first = last.Value.DayNumber >= days.Value ? last.Value.AddDays(1 - Math.Max(days.Value, 1)) : DateOnly.MinValue;
        var bodies = (await counts.ReadDaysAsync(caller, id, first, last.Value, cancellation)).Select(BodyOf).ToArray();
        return days == 0 ? TypedResults.Ok(bodies[0]) : TypedResults.Ok(bodies);
    }

    /// <summary>Returns the totals of all stored statistics, which are never reset.</summary>
    public static async Task<IResult> GetSummaryAsync(
        string id, ApiActor caller, TokenRecordReader records, StatusCountReader counts,
        IOptions<StatisticsOptions> options, TimeProvider clock, CancellationToken cancellation)
    {
        if (await records.FindAsync(caller, id, cancellation) is not { } token)
            return TokenAnswers.NotFound(id);
        var kept = clock.GetUtcNow().UtcDateTime.Date.AddDays(1 - options.Value.RetentionDays);
        var totals = await counts.ReadTotalsAsync(caller, id, cancellation);
        return TypedResults.Ok(new SummaryBody(
            token.Handle, [.. totals.Select(count => new StatusTotalBody(CodeOf(count), count.Count, count.Count))],
            Bodies.Moment(token.Created.At > kept ? token.Created.At : kept)));
    }

    private static DayBody BodyOf(DayCounts day) =>
        new(day.Day, [.. day.Statuses.Select(count => new StatusCountBody(CodeOf(count), count.Count))]);

    private static string CodeOf(StatusCount count) => count.Code.ToString(CultureInfo.InvariantCulture);

    private static DateOnly? ReadDate(HttpRequest request, DateOnly fallback) =>
        !request.Query.TryGetValue("date", out var given) ? fallback
        : given is [{ } text] && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : null;

    /// <returns>The number of days; 0: no list is requested.</returns>
    private static int? ReadDays(HttpRequest request, int most) =>
        !request.Query.TryGetValue("days", out var given) ? 0
        : given is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days >= 1 && days <= most ? days
        : null;
}
