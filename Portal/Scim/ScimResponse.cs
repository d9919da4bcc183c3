using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>Writes responses.</summary>
internal static class ScimResponse
{
    private const string MediaType = "application/scim+json";

    /// <summary>No browser reads the responses as HTML, so names stay readable.</summary>
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, MediaType);
        return context.Response.WriteAsync(body.ToJsonString(Format), context.RequestAborted);
    }

    /// <summary>Writes a resource with its address and version. A new resource also gets <c>Location</c>.</summary>
    public static Task WriteResourceAsync(HttpContext context, int status, JsonObject resource, ScimProjection projection)
    {
        var meta = resource["meta"]!.AsObject();
        context.Response.Headers.ETag = meta["version"]!.GetValue<string>();
        if (status == StatusCodes.Status201Created)
            context.Response.Headers.Location = meta["location"]!.GetValue<string>();
        projection.Apply(resource);
        return WriteAsync(context, status, resource);
    }

    public static Task WriteErrorAsync(HttpContext context, ScimException error)
    {
        var body = Object(("schemas", new JsonArray(ScimSchemas.Error)), ("status", error.Status.ToString(CultureInfo.InvariantCulture)), ("scimType", error.Type), ("detail", error.Message));
        RemoveUnassigned(body);
        if (error.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        return WriteAsync(context, error.Status, body);
    }

    public static JsonObject Object(params (string Name, JsonNode? Value)[] values)
    {
        var result = ScimBody.NewObject();
        foreach (var (name, value) in values)
            if (value is not null)
                result[name] = value;
        return result;
    }

    public static JsonObject Meta(string resourceType, DateTime createdAt, DateTime updatedAt, string location, string version) => Object(
        ("resourceType", resourceType), ("created", Moment(createdAt)), ("lastModified", Moment(updatedAt)), ("location", location), ("version", TagOf(version)));

    /// <summary>The entity tag: weak, because the order of attributes may differ.</summary>
    public static string TagOf(string version) => $"W/\"{version}\"";

    /// <summary>Removes attributes without a value, which are the same as missing ones (RFC 7643, section 2.5).</summary>
    public static void RemoveUnassigned(JsonObject json)
    {
        foreach (var name in json.Where(property => property.Value is null or JsonArray { Count: 0 }).Select(property => property.Key).ToList())
            json.Remove(name);
    }

    private static string Moment(DateTime moment) => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>The versions in the conditional headers of requests.</summary>
internal static class ScimConditions
{
    /// <exception cref="ScimException">The header isn't a list of entity tags.</exception>
    public static ScimCondition ReadIfMatch(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
            return new ScimCondition([]);
        var tags = TagsOf(request.Headers.IfMatch) ?? throw ScimException.InvalidValue("If-Match must be * or a list of versions, such as W/\"0123456789abcdef\".");
        return new ScimCondition(tags.Contains("*") ? [] : tags);
    }

    /// <summary>Whether the client already has this version.</summary>
    public static bool IsKnown(HttpRequest request, string version) =>
        request.Headers.IfNoneMatch.Count > 0 && TagsOf(request.Headers.IfNoneMatch) is { } tags && (tags.Contains("*") || tags.Contains(version));

    /// <summary>Strong and weak tags are compared alike: a version stands for one state.</summary>
    private static List<string>? TagsOf(Microsoft.Extensions.Primitives.StringValues header) =>
        EntityTagHeaderValue.TryParseList([.. header.OfType<string>()], out var tags) ? [.. tags.Select(tag => tag.Tag.Value!.Trim('"'))] : null;
}
