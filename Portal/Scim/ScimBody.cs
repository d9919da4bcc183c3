using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Portal.Scim;

/// <summary>Reads the JSON object in the body of a request.</summary>
internal static class ScimBody
{
    /// <summary>In bytes. A group with 10,000 members needs about 600 KiB.</summary>
    public const int Largest = 1024 * 1024;

    private const int Deepest = 16;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Deepest };

    /// <summary>The names of attributes are case-insensitive (RFC 7643, section 2.1).</summary>
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static JsonObject NewObject() => new(AnyCase);

    /// <param name="schema">The schema that the body must name, if it names any.</param>
    /// <exception cref="ScimException">The body isn't a JSON object of this schema.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large or ends early.</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request, string schema)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType.Value?.ToUpperInvariant() is not ("APPLICATION/SCIM+JSON" or "APPLICATION/JSON"))
            throw new ScimException(StatusCodes.Status415UnsupportedMediaType, null, "Send the body as JSON, with Content-Type: application/scim+json.");
        if (request.Headers.ContentEncoding.Count > 0)
            throw new ScimException(StatusCodes.Status415UnsupportedMediaType, null, "Send the body without Content-Encoding.");
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = Largest;
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, Strict, request.HttpContext.RequestAborted);
            if (Convert(json.RootElement) is not JsonObject body)
                throw ScimException.InvalidSyntax("The body must be a JSON object.");
            RequireSchema(body, schema);
            return body;
        }
        catch (JsonException exception)
        {
            throw ScimException.InvalidSyntax(exception.LineNumber is { } line
                ? $"The body is not valid JSON, or nested deeper than {Deepest} levels. The error is in line {line + 1}, at byte {exception.BytePositionInLine + 1}."
                : "The body is not valid JSON.");
        }
        catch (InvalidOperationException)
        {
            throw ScimException.InvalidSyntax("The body contains text that is not valid. It must be UTF-8 without unpaired surrogates.");
        }
    }

    private static void RequireSchema(JsonObject body, string schema)
    {
        if (body["schemas"] is { } named && !(named is JsonArray array && array.Any(item => item?.GetValueKind() == JsonValueKind.String && schema.Equals(item.GetValue<string>(), StringComparison.OrdinalIgnoreCase))))
            throw ScimException.InvalidValue($"schemas must contain {ScimText.Quote(schema)}.");
    }

    /// <summary>Reads everything at once, so that invalid text is found here.</summary>
    private static JsonNode? Convert(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var result = NewObject();
                foreach (var property in element.EnumerateObject())
                    if (!result.TryAdd(property.Name, Convert(property.Value)))
                        throw ScimException.InvalidSyntax($"The body contains {ScimText.Quote(property.Name)} twice. Case is ignored in names.");
                return result;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Convert)]);
            case JsonValueKind.String:
                return JsonValue.Create(element.GetString());
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }
}
