using System.Globalization;
using CsvHelper;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Accounts;
using Portal.Statistics;

namespace Portal.Tokens.Details;

/// <summary>The downloads of the token details.</summary>
internal static class TokenDownloads
{
    public static void MapTokenDownloads(this IEndpointRouteBuilder app) =>
        app.MapGet("/tokens/{handle}/statistics.csv", GetStatisticsAsync).RequireAuthorization();

    /// <summary>Returns the days or hours that the page shows, one line each, oldest first, with the numbers of its table.</summary>
    private static async Task<Results<FileContentHttpResult, NotFound>> GetStatisticsAsync(
        string handle, string? hours, string? days, StatisticsReader reader, HttpContext context, CancellationToken cancellation)
    {
        var statistics = await reader.ReadAsync(context.User.ToActor(), handle, reader.FindPeriod(hours, days), cancellation);
        if (statistics is null)
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.File(ToCsv(statistics), "text/csv; charset=utf-8", $"{handle}-statistics.csv");
    }

    private static byte[] ToCsv(TokenStatistics statistics)
    {
        using var file = new MemoryStream();
        using (var csv = CsvWriter.Create(file, leaveOpen: true))
        {
            csv.WriteHeader(statistics.Hours is null ? "date" : "hour", "200", "300", "400", "500", "total");
            if (statistics.Hours is { } hours)
                foreach (var (hour, responses) in hours)
                    WriteLine(csv, hour.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), responses);
            else
                foreach (var (day, responses) in statistics.Days)
                    WriteLine(csv, day.ToString("O", CultureInfo.InvariantCulture), responses);
        }

        return file.ToArray();
    }

    private static void WriteLine(CsvWriter csv, string beginning, ResponseCounts responses)
    {
        csv.WriteField(beginning);
        csv.WriteField(responses.Success);
        csv.WriteField(responses.Redirection);
        csv.WriteField(responses.ClientError);
        csv.WriteField(responses.ServerError);
        csv.WriteField(responses.Total);
        csv.EndRecord();
    }
}
