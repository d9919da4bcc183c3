using System.Globalization;
using System.Text.Json.Nodes;
using NJsonSchema;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Contract;

/// <summary>The OpenAPI document as Portal serves it.</summary>
internal sealed class ServedApi(JsonObject document)
{
    public const string Path = "/openapi/v1.json", BasePath = "/public/v1";
    private const string Schemas = "#/components/schemas/";

    public static async Task<ServedApi> ReadAsync(PortalHost portal) =>
        new(JsonNode.Parse(await portal.Client.GetStringAsync(Path, TestContext.Current.CancellationToken))!.AsObject());

    public JsonObject Document => document;

    public IReadOnlyList<ServedOperation> Operations =>
    [
        .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation =>
            new ServedOperation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject()))),
    ];

    /// <summary>The node itself, or the node that it refers to.</summary>
    public JsonObject Resolve(JsonNode? node)
    {
        while (node!["$ref"]?.GetValue<string>() is { } reference)
        {
            node = document;
            foreach (var part in reference["#/".Length..].Split('/'))
                node = node[part]!;
        }

        return node.AsObject();
    }

    /// <summary>The response of an operation with this status; null if none is described.</summary>
    public JsonObject? Answer(ServedOperation operation, int status) =>
        operation.Node["responses"]![$"{status}"] is { } answer ? Resolve(answer) : null;

    /// <summary>Asserts that a body matches the schema, and contains no field that the schema doesn't have.</summary>
    public async Task AssertMatchesAsync(JsonNode schema, string body, string what)
    {
        var definitions = document["components"]!["schemas"]!.DeepClone();
        foreach (var (_, definition) in definitions.AsObject())
            definition!["additionalProperties"] = false;
        var whole = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone()), ["definitions"] = definitions };
        var text = whole.ToJsonString().Replace(Schemas, "#/definitions/", StringComparison.Ordinal);
        var errors = (await JsonSchema.FromJsonAsync(text, TestContext.Current.CancellationToken)).Validate(body);
        Assert.True(errors.Count == 0, $"{what}: {string.Join("; ", errors)}\n{body}");
    }
}

/// <param name="Method">In upper case.</param>
internal sealed record ServedOperation(string Method, string Path, JsonObject Node)
{
    public string Name => $"{Method} {Path}";

    public string? Id => Node["operationId"]?.GetValue<string>();

    /// <summary>The status of a successful response. The document has one for each operation.</summary>
    public int Success => Node["responses"]!.AsObject().Select(answer => int.Parse(answer.Key, CultureInfo.InvariantCulture)).Single(status => status < 300);

    /// <summary>The JSON body of the request; null if it has none.</summary>
    public JsonNode? Request => Node["requestBody"]?["content"]?["application/json"];

    public IEnumerable<JsonObject> Parameters => (Node["parameters"]?.AsArray() ?? []).Select(parameter => parameter!.AsObject());

    public static IEnumerable<JsonNode> ExamplesOf(JsonNode content) =>
        content["example"] is { } one ? [one] : (content["examples"]?.AsObject() ?? []).Select(example => example.Value!["value"]!);

    public override string ToString() => Name;
}
