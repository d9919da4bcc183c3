using System.Net;
using System.Text.Json;

namespace Portal.Tests.Api.Idempotency;

/// <summary>The relevant parts of a response, for comparison with another one.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, string? ContentType, string? ETag, string? Location, bool NoStore, string? Replayed)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public static async Task<Answer> OfAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Content.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString(), response.Headers.Location?.ToString(),
            response.Headers.CacheControl is { NoStore: true },
            response.Headers.TryGetValues("Idempotency-Replayed", out var replayed) ? string.Join(' ', replayed) : null);
    }
}
