using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portal.Api.Idempotency;

/// <summary>An answer as it went, or should have gone, to the client.</summary>
/// <param name="Body">JSON.</param>
internal sealed record StoredResponse(int Status, string? ETag, string? Location, string Body)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static StoredResponse Of(byte[] bytes) => JsonSerializer.Deserialize<StoredResponse>(bytes)!;

    /// <summary>The body as the object that it is.</summary>
    public T Read<T>(JsonSerializerOptions format) => JsonSerializer.Deserialize<T>(Body, format)!;

    public IResult ToResult(HttpResponse response)
    {
        response.Headers.ETag = ETag;
        if (Location is not null)
            response.Headers[HeaderNames.Location] = Location;
        return TypedResults.Text(Body, "application/json; charset=utf-8", statusCode: Status);
    }
}
