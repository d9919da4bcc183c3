using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Why a request is refused, as the client reads it: a status and <c>{"error_code": "...", "errors": ["..."]}</c>.</summary>
/// <remarks>Its body is built once, so a refusal that recurs is worth keeping. Endpoints can return it as their result.</remarks>
/// <param name="statusCode">400 or above.</param>
/// <param name="code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="errors">One sentence for each fault, for the person who reads the client's log.</param>
public sealed class Refusal(int statusCode, string code, params string[] errors) : IResult
{
    // What is refused is text for people, sent as JSON and never as a page: quotes and umlauts may stay readable.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private byte[]? _body;

    public int StatusCode => statusCode;
    public string Code => code;

    /// <summary>Writes the status and the error form.</summary>
    public Task WriteAsync(HttpResponse response)
    {
        var body = _body ??= ToJson();
        response.StatusCode = statusCode;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (statusCode == StatusCodes.Status401Unauthorized)
            response.Headers[HeaderNames.WWWAuthenticate] = ApiKey.Scheme;
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }

    Task IResult.ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext.Response);

    private byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("error_code", code);
            json.WriteStartArray("errors");
            foreach (var error in errors)
                json.WriteStringValue(error);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
