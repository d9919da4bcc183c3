using Microsoft.OpenApi;

namespace Portal.Api.Document;

/// <summary>The response headers in the OpenAPI document.</summary>
internal static class ApiHeaders
{
    public const string ContentRange = "Content-Range", ETag = "ETag", Location = "Location", RetryAfter = "Retry-After", Challenge = "WWW-Authenticate";

    /// <summary>The headers in every response to a token with a rate limit.</summary>
    public static readonly IReadOnlyList<string> OfLimits = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"];

    public static readonly IReadOnlyDictionary<string, OpenApiHeader> All = new Dictionary<string, OpenApiHeader>
    {
        [ContentRange] = Text("The positions of the returned items, starting at 0, and the total.", "items 0-9/42"),
        [ETag] = Text("The version of the response. Send it in `If-Match` to change a token, or in `If-None-Match` to read again.", "\"0193a5f0c1d27b3e8f4a6b5c4d3e2f10-5e1f0c9a7d3b2846\""),
        [Location] = Text("The path of the new token.", $"/public/v1/auth/tokens/{Samples.NewHandle}"),
        [RetryAfter] = Number("The number of seconds to wait before you retry.", 12),
        [Challenge] = Text("How to authenticate.", "ApiKey"),
        ["RateLimit-Limit"] = Number("The number of requests that the token may send in the window of the policy. Only for tokens with a rate limit.", 100),
        ["RateLimit-Remaining"] = Number("The number of requests left. Only for tokens with a rate limit.", 99),
        ["RateLimit-Reset"] = Number("The number of seconds until the full limit is available again. Only for tokens with a rate limit.", 1),
        ["RateLimit-Policy"] = Text("The limit and its window in seconds. Only for tokens with a rate limit.", "100;w=60"),
    };

    /// <summary>References to the headers, by name.</summary>
    public static IDictionary<string, IOpenApiHeader> Of(OpenApiDocument document, params IEnumerable<string> names) =>
        names.ToDictionary(name => name, IOpenApiHeader (name) => new OpenApiHeaderReference(name, document));

    private static OpenApiHeader Text(string description, string example) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example };

    private static OpenApiHeader Number(string description, int example) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.Integer }, Example = example };
}
