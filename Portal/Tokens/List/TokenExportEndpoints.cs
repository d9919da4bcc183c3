using System.Text.Json;
using System.Text.Json.Serialization;
using CsvHelper;
using Microsoft.AspNetCore.Http.Extensions;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>Downloads of the tokens that the list finds. The query is that of the list; the page is ignored.</summary>
internal static class TokenExportEndpoints
{
    /// <summary>The header with the number of tokens, for a progress bar: the length of the file isn't known when it begins.</summary>
    public const string TotalHeader = "X-Total-Count";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly CsvWriterOptions CsvFormat = new() { WriteByteOrderMark = true, Injection = CsvInjection.Escape };

    private static readonly JsonSerializerOptions JsonFormat = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly string[] Columns =
    [
        "handle", "name", "external_id", "description", "status", "extension_id", "extension", "all_modules", "modules", "created_at", "created_by", "expires_at",
        "previous_key_ends_at", "last_used_at", "fingerprints", "owner", "contact",
    ];

    public static void MapTokenExports(this IEndpointRouteBuilder app)
    {
        app.MapGet("/tokens/export.csv", (HttpContext context, TokenExporter exporter, ModuleCatalog catalog, TimeProvider clock) =>
            ExportAsync(context, exporter, catalog, clock, "csv", "text/csv; charset=utf-8", WriteCsvAsync)).AddEndpointFilter(EndedSessions.FilterAsync).RequireAuthorization();
        app.MapGet("/tokens/export.json", (HttpContext context, TokenExporter exporter, ModuleCatalog catalog, TimeProvider clock) =>
            ExportAsync(context, exporter, catalog, clock, "json", "application/json; charset=utf-8", WriteJsonAsync)).AddEndpointFilter(EndedSessions.FilterAsync).RequireAuthorization();
    }

    private static async Task ExportAsync(
        HttpContext context, TokenExporter exporter, ModuleCatalog catalog, TimeProvider clock, string format, string type,
        Func<Stream, IAsyncEnumerable<ExportedToken>, CancellationToken, Task> write)
    {
        var (response, cancellation) = (context.Response, context.RequestAborted);
        response.Headers.CacheControl = "no-store";
        var address = new Uri(context.Request.GetEncodedUrl());
        if (TokenListAddress.FindSecret(address) is not null)
        {
            // Without the secret, the filter would find other tokens than expected.
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var export = await exporter.OpenAsync(context.User.ToActor(), TokenListAddress.Parse(address, catalog), format, cancellation);
        response.ContentType = type;
        response.Headers.ContentDisposition = $"attachment; filename=\"tokens-{clock.GetUtcNow():yyyy-MM-dd}.{format}\"";
        response.Headers[TotalHeader] = export.Total.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await write(response.Body, export.Tokens, cancellation);
    }

    private static Task WriteJsonAsync(Stream body, IAsyncEnumerable<ExportedToken> tokens, CancellationToken cancellation) =>
        JsonSerializer.SerializeAsync(body, tokens, JsonFormat, cancellation);

    internal static async Task WriteCsvAsync(Stream body, IAsyncEnumerable<ExportedToken> tokens, CancellationToken cancellation)
    {
        await using var csv = CsvWriter.Create(body, CsvFormat, leaveOpen: true);
        csv.WriteHeader(Columns);
        await foreach (var token in tokens.WithCancellation(cancellation))
        {
            foreach (var text in (ReadOnlySpan<string?>)
                [token.Handle, token.Name, token.ExternalId, token.Description, JsonNamingPolicy.SnakeCaseLower.ConvertName(token.Status.ToString()), token.ExtensionId, token.Extension])
                csv.WriteField(text);
            csv.WriteField(token.AllModules ? "yes" : "no");
            csv.WriteField(string.Join(' ', token.Modules));
            csv.WriteField(token.CreatedAt, TimeFormat);
            csv.WriteField(token.CreatedBy);
            csv.WriteField(token.ExpiresAt, TimeFormat);
            csv.WriteField(token.PreviousKeyEndsAt, TimeFormat);
            csv.WriteField(token.LastUsedAt, TimeFormat);
            csv.WriteField(string.Join(' ', token.Fingerprints));
            csv.WriteField(token.Owner);
            csv.WriteField(token.Contact);
            await csv.EndRecordAsync(cancellation);
        }
    }
}
