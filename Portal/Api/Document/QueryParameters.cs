using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Portal.Api.Idempotency;
using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>The parameters of an operation that are not in its path. Those of lists are told by the list's own properties.</summary>
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
        "A text of the client's own making, new for each thing to be done, 1 to 255 visible ASCII characters. The same request with the same one within 24 hours "
            + $"does nothing more and is answered as the first was, with `{IdempotencyKey.ReplayedName}: true`.",
        typeof(string), "8e03978e-40d5-43dd-bc93-6894a57f9324", IsHeader: true);

    private static readonly ApiParameter OnlyThis = new(
        "If-Match",
        "The `ETag` of the token as it was read, or several, or `*`: if it has changed since, nothing is saved. Without it, the change is made in any case.",
        typeof(string), ApiHeaders.All[ApiHeaders.ETag].Example!.GetValue<string>(), IsHeader: true);

    private static readonly ApiParameter Unless = new(
        "If-None-Match", "The `ETag` of the answer that you have: if it is still the same, the answer is 304 without a body.",
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
        Description = $"Only those with this `{fact.Name}`. Comparisons: {string.Join(", ", fact.Lookups.Select(lookup => $"`{lookup}`"))}."
            + (fact.IsOrdered ? " The list can be ordered by it." : "")
            + (fact.IsSearched ? " `search` looks through it." : ""),
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
            yield return Text("search", $"A text anywhere in {Names(searched)}, whatever its case; `*` is any text.");
        if (ordered.Count > 0)
            yield return Text(
                "ordering",
                $"By what to order, the first counting most, a minus for descending: {Names(ordered)}. Or as `ordering(-{ordered[0].Name})`.");
        yield return Text("select", "Fields to leave out, each with a minus, separated by commas; one without is told anyway. Or as `select(-events)`.");
        yield return Number("limit", "How many to answer at most; with 0 only the total is told.", PageRange.DefaultLimit, PageRange.LargestLimit);
        yield return Number("offset", "How many to leave out at the beginning.", 0, null);
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
