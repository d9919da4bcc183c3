using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portal.Api.Idempotency;

/// <summary>A response as it was sent to the client, or should have been.</summary>
/// <param name="Body">JSON.</param>
internal sealed record StoredResponse(int Status, string? ETag, string? Location, string Body)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static StoredResponse Of(byte[] bytes) => JsonSerializer.Deserialize<StoredResponse>(bytes)!;

    /// <summary>Deserializes the body.</summary>
    public T Read<T>(JsonSerializerOptions format) => JsonSerializer.Deserialize<T>(Body, format)!;

    public IResult ToResult(HttpResponse response)
    {
        response.Headers.ETag = ETag;
        if (Location is not null)
            response.Headers[HeaderNames.Location] = Location;
        return TypedResults.Text(Body, "application/json; charset=utf-8", statusCode: Status);
    }
}
