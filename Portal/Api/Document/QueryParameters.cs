using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Portal.Api.Idempotency;
using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>The parameters of an operation outside its path. Those of lists are derived from the properties of the list.</summary>
internal static class QueryParameters
{
    public static IEnumerable<OpenApiParameter> Of(ApiOperation operation, string method, IServiceProvider services)
    {
        var facts = operation.Filters?.Invoke(services) ?? [];
        return
        [
            .. operation.Parameters.Select(Own),
            .. operation.IsRepeatable ? [Own(Again)] : (OpenApiParameter[])[],
            .. operation.TakesIfMatch(method) ? [Own(OnlyThis)] : (OpenApiParameter[])[],
            .. ApiOperation.TakesIfNoneMatch(method) ? [Own(Unless)] : (OpenApiParameter[])[],
            .. facts.Select(Filter),
            .. operation.AnswersList ? OfList(facts) : [],
        ];
    }

    private static readonly ApiParameter Again = new(
        IdempotencyKey.HeaderName,
        "A unique value for each operation, such as a UUID, with 1 to 255 visible ASCII characters. If you repeat the request with the same key within 24 hours, "
            + $"Portal doesn't run it again and returns the first response, with `{IdempotencyKey.ReplayedName}: true`.",
        typeof(string), "8e03978e-40d5-43dd-bc93-6894a57f9324", IsHeader: true);

    private static readonly ApiParameter OnlyThis = new(
        "If-Match",
        "The `ETag` of the token that you read, a list of them, or `*`. If the token has changed since, nothing is saved. Without this header, the change is always made.",
        typeof(string), ApiHeaders.All[ApiHeaders.ETag].Example!.GetValue<string>(), IsHeader: true);

    private static readonly ApiParameter Unless = new(
        "If-None-Match", "The `ETag` of the response that you have. If it is still current, the response is 304 without a body.",
        typeof(string), ApiHeaders.All[ApiHeaders.ETag].Example!.GetValue<string>(), IsHeader: true);

    private static OpenApiParameter Own(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
        Description = parameter.Description,
        Schema = parameter.Type == typeof(int) ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" }
            : parameter.Type == typeof(DateOnly) ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "date" }
            : new OpenApiSchema { Type = JsonSchemaType.String },
        Example = parameter.Type == typeof(int) ? int.Parse(parameter.Example, CultureInfo.InvariantCulture) : parameter.Example,
    };

    private static OpenApiParameter Filter(RqlPropertyInfo fact) => new()
    {
        Name = fact.Name,
        In = ParameterLocation.Query,
        Description = $"Filters by `{fact.Name}`. Operators: {string.Join(", ", fact.Lookups.Select(lookup => $"`{lookup}`"))}."
            + (fact.IsOrdered ? " You can order by it." : "")
            + (fact.IsSearched ? " `search` includes it." : ""),
        Schema = new OpenApiSchema
        {
            Type = fact.ValueType == typeof(long) ? JsonSchemaType.Integer
                : fact.ValueType == typeof(bool) ? JsonSchemaType.Boolean
                : JsonSchemaType.String,
            Format = fact.ValueType == typeof(DateTime) ? "date-time" : null,
            Enum = fact.Allowed is { } allowed ? [.. allowed.Select(value => (JsonNode)value)] : null,
        },
        Extensions = new Dictionary<string, IOpenApiExtension>
        {
            ["x-lookups"] = new JsonNodeExtension(new JsonArray([.. fact.Lookups.Select(lookup => JsonValue.Create(lookup))])),
            ["x-ordering"] = new JsonNodeExtension(fact.IsOrdered),
            ["x-search"] = new JsonNodeExtension(fact.IsSearched),
        },
    };

    private static IEnumerable<OpenApiParameter> OfList(IReadOnlyList<RqlPropertyInfo> facts)
    {
        List<RqlPropertyInfo> ordered = [.. facts.Where(fact => fact.IsOrdered)], searched = [.. facts.Where(fact => fact.IsSearched)];
        if (searched.Count > 0)
            yield return Text("search", $"Finds a text in {Names(searched)}, ignoring case. `*` stands for any text.");
        if (ordered.Count > 0)
            yield return Text(
                "ordering",
                $"The fields to order by, separated by commas. Start a field with a minus for descending order. Fields: {Names(ordered)}. You can also write `ordering(-{ordered[0].Name})`.");
        yield return Text("select", "The fields to leave out, each with a minus, separated by commas. You can also write `select(-events)`.");
        yield return Number("limit", "The maximum number of items. With 0, only the total is returned.", PageRange.DefaultLimit, PageRange.LargestLimit);
        yield return Number("offset", "The number of items to skip.", 0, null);
    }

    private static string Names(IEnumerable<RqlPropertyInfo> facts) => string.Join(", ", facts.Select(fact => $"`{fact.Name}`"));

    private static OpenApiParameter Text(string name, string description) =>
        new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiParameter Number(string name, string description, int fallback, int? largest) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Integer, Default = fallback, Minimum = "0", Maximum = largest?.ToString(CultureInfo.InvariantCulture),
        },
    };
}
