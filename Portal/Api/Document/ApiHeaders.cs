using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>The headers of answers, described once.</summary>
internal static class ApiHeaders
{
    public const string ContentRange = "Content-Range", ETag = "ETag", Location = "Location", RetryAfter = "Retry-After", Challenge = "WWW-Authenticate";

    /// <summary>In every answer to a token that has a limit.</summary>
    public static readonly IReadOnlyList<string> OfLimits = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"];

    public static readonly IReadOnlyDictionary<string, OpenApiHeader> All = new Dictionary<string, OpenApiHeader>
    {
        [ContentRange] = Text("The places handed out, from 0, and how many there are in all.", "items 0-9/42"),
        [ETag] = Text("The version of what was answered: of a token for `If-Match`, of anything for `If-None-Match`.", "\"0193a5f0c1d27b3e8f4a6b5c4d3e2f10-5e1f0c9a7d3b2846\""),
        [Location] = Text("The path of what was made.", $"/public/v1/auth/tokens/{Samples.NewHandle}"),
        [RetryAfter] = Number("Seconds until it is worth trying again.", 12),
        [Challenge] = Text("How to authenticate.", "ApiKey"),
        ["RateLimit-Limit"] = Number("How many requests the token may send in the time that the policy names. Only if it has a limit.", 100),
        ["RateLimit-Remaining"] = Number("How many are left. Only if it has a limit.", 99),
        ["RateLimit-Reset"] = Number("Seconds until all of them are back. Only if it has a limit.", 1),
        ["RateLimit-Policy"] = Text("The limit and its time in seconds. Only if it has a limit.", "100;w=60"),
    };

    /// <summary>References to them, by name.</summary>
    public static IDictionary<string, IOpenApiHeader> Of(OpenApiDocument document, params IEnumerable<string> names) =>
        names.ToDictionary(name => name, IOpenApiHeader (name) => new OpenApiHeaderReference(name, document));

    private static OpenApiHeader Text(string description, string example) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example };

    private static OpenApiHeader Number(string description, int example) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.Integer }, Example = example };
}
