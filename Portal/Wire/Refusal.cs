using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portal.Wire;

/// <summary>Why a request is refused, as the client reads it: a status and
/// <c>{"error_code": "...", "errors": ["..."], "request_id": "..."}</c>.</summary>
/// <remarks>Its body is built once but for the request's id, so a refusal that recurs is worth keeping. Endpoints can return
/// it as their result.</remarks>
/// <param name="statusCode">400 or above.</param>
/// <param name="code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="errors">One sentence for each fault, for the person who reads the client's log.</param>
public sealed class Refusal(int statusCode, string code, params string[] errors) : IResult
{
    // What is refused is text for people, sent as JSON and never as a page: quotes and umlauts may stay readable.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The scheme of the keys that the API accepts.</summary>
    private const string Challenge = "ApiKey";

    private byte[]? _beginning;

    public int StatusCode => statusCode;
    public string Code => code;

    /// <summary>One sentence for each fault.</summary>
    public IReadOnlyList<string> Errors => errors;

    /// <summary>Seconds until it is worth trying again; null: nobody can say.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Writes the status and the error form.</summary>
    public Task WriteAsync(HttpResponse response) => WriteAsync(response, statusCode);

    /// <summary>Writes the error form under another status, for who does not know this one.</summary>
    internal Task WriteAsync(HttpResponse response, int status)
    {
        var beginning = _beginning ??= Encoding.UTF8.GetBytes(Begin());
        var id = response.HttpContext.TraceIdentifier;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = beginning.Length + id.Length + 2;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers[HeaderNames.WWWAuthenticate] = Challenge;
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        response.BodyWriter.Write(beginning);
        // Made by the web server of letters, digits and colons; never by the client.
        Encoding.ASCII.GetBytes(id, response.BodyWriter);
        response.BodyWriter.Write("\"}"u8);
        // Sent when the request ends: a client that has read the answer finds the request counted.
        return Task.CompletedTask;
    }

    /// <summary>The error form in UTF-8.</summary>
    internal byte[] ToBody(string requestId) => Encoding.UTF8.GetBytes($"{Begin()}{requestId}\"}}");

    /// <summary>The error form as a header can carry it: on one line, in ASCII.</summary>
    internal string ToHeaderValue(string requestId)
    {
        var line = new StringBuilder();
        foreach (var character in $"{Begin()}{requestId}\"}}")
            if (character is >= ' ' and <= '~')
                line.Append(character);
            else
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        return line.ToString();
    }

    Task IResult.ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext.Response);

    /// <summary>All but the value of the last field.</summary>
    private string Begin()
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

        return Encoding.UTF8.GetString(buffer.ToArray())[..^1] + ",\"request_id\":\"";
    }
}
