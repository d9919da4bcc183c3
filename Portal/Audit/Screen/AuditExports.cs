using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Microsoft.AspNetCore.Http.Extensions;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;

namespace Portal.Audit.Screen;

/// <summary>Downloads of the audit entries that the page finds, streamed. The query is that of the page.</summary>
internal static class AuditExports
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Cells that a spreadsheet would compute are escaped.</summary>
    private static readonly CsvWriterOptions CsvFormat = new() { WriteByteOrderMark = true, Injection = CsvInjection.Escape };

    private static readonly JsonSerializerOptions JsonFormat = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly string[] Columns = ["id", "at", "actor_kind", "actor_id", "actor_name", "action", "target_id", "target_name", "address", "details", "hash"];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/audit/export.csv", (HttpContext context, AuditExporter exporter, TimeProvider clock) =>
            ExportAsync(context, exporter, clock, "csv", "text/csv; charset=utf-8", WriteCsvAsync)).AddEndpointFilter(EndedSessions.FilterAsync).RequireAuthorization();
        app.MapGet("/audit/export.json", (HttpContext context, AuditExporter exporter, TimeProvider clock) =>
            ExportAsync(context, exporter, clock, "json", "application/json; charset=utf-8", (body, entries, cancellation) => JsonSerializer.SerializeAsync(body, entries, JsonFormat, cancellation))).AddEndpointFilter(EndedSessions.FilterAsync).RequireAuthorization();
    }

    internal static async Task WriteCsvAsync(Stream body, IAsyncEnumerable<ExportedEntry> entries, CancellationToken cancellation)
    {
        await using var csv = CsvWriter.Create(body, CsvFormat, leaveOpen: true);
        csv.WriteHeader(Columns);
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            csv.WriteField(entry.Id.ToString(CultureInfo.InvariantCulture));
            csv.WriteField(entry.At, TimeFormat);
            foreach (var text in (ReadOnlySpan<string?>)
                [entry.ActorKind, entry.ActorId, entry.ActorName, entry.Action, entry.TargetId, entry.TargetName, entry.Address, entry.Details?.GetRawText(), entry.Hash])
                csv.WriteField(text);
            await csv.EndRecordAsync(cancellation);
        }
    }

    private static async Task ExportAsync(
        HttpContext context, AuditExporter exporter, TimeProvider clock, string format, string type, Func<Stream, IAsyncEnumerable<ExportedEntry>, CancellationToken, Task> write)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        var (filter, _) = AuditAddress.Parse(new Uri(context.Request.GetEncodedUrl()));
        IAsyncEnumerable<ExportedEntry> entries;
        try
        {
            entries = await exporter.OpenAsync(context.User.ToActor(), filter, format, context.RequestAborted);
        }
        catch (AccessDeniedException)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        response.ContentType = type;
        response.Headers.ContentDisposition = $"attachment; filename=\"audit-{clock.GetUtcNow():yyyy-MM-dd}.{format}\"";
        await write(response.Body, entries, context.RequestAborted);
    }
}
