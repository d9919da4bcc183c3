using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>A query for resources (RFC 7644, section 3.4.2).</summary>
/// <param name="Filter">Null: all resources.</param>
/// <param name="StartIndex">The number of the first resource, from 1.</param>
/// <param name="Count">The maximum number of resources in the response.</param>
internal sealed record ScimQuery(ScimFilter? Filter, int StartIndex, int Count, ScimProjection Projection)
{
    public const int MostResults = 200;

    private const int DefaultCount = 100;

    /// <param name="nameAttribute">The attribute that identifies resources of this type, besides their IDs.</param>
    /// <returns>What every result has; null: anything.</returns>
    public ScimKey? KeyBy(string nameAttribute) => Filter is null
        ? null
        : new ScimKey(Filter.RequiredValue("id"), Filter.RequiredValue(nameAttribute), Filter.RequiredValue("externalId"));

    /// <exception cref="ScimException">A parameter is invalid.</exception>
    public static ScimQuery Read(HttpRequest request, ScimSchema schema) => new(
        ReadFilter(request.Query["filter"], schema), ReadNumber("startIndex", request.Query["startIndex"]) ?? 1, ReadNumber("count", request.Query["count"]) ?? DefaultCount,
        ScimProjection.Read(request, schema));

    /// <summary>Reads a search request, which keeps filters out of the address.</summary>
    /// <inheritdoc cref="Read(HttpRequest, ScimSchema)"/>
    public static ScimQuery Read(JsonObject search, ScimSchema schema) => new(
        ReadFilter(ScimValue.Text(search, "filter"), schema), ReadNumber("startIndex", TextOf(search["startIndex"])) ?? 1, ReadNumber("count", TextOf(search["count"])) ?? DefaultCount,
        ScimProjection.Read(search, schema));

    /// <summary>Writes the page of the resources that the filter finds.</summary>
    public JsonObject Answer<T>(IReadOnlyList<T> resources, Func<T, JsonObject> write)
    {
        var (first, count) = (Math.Max(StartIndex, 1), Math.Clamp(Count, 0, MostResults));
        var found = Filter is null ? resources.Select(resource => (Resource: resource, Json: (JsonObject?)null)).ToList()
            : [.. resources.Select(resource => (Resource: resource, Json: (JsonObject?)write(resource))).Where(item => Filter.Matches(item.Json!))];
        var page = found.Skip(first - 1).Take(count).Select(item => item.Json ?? write(item.Resource)).ToList();
        foreach (var resource in page)
            Projection.Apply(resource);
        return ListOf(found.Count, first, page);
    }

    public static JsonObject ListOf(int total, int startIndex, IReadOnlyCollection<JsonObject> page) => ScimResponse.Object(
        ("schemas", new JsonArray(ScimSchemas.ListResponse)), ("totalResults", total), ("startIndex", startIndex), ("itemsPerPage", page.Count), ("Resources", new JsonArray([.. page])));

    private static ScimFilter? ReadFilter(string? text, ScimSchema schema) =>
        string.IsNullOrWhiteSpace(text) ? null
        : ScimFilterParser.TryParse(text, schema, out var filter, out var error) ? filter
        : throw ScimException.InvalidFilter(error);

    private static int? ReadNumber(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw ScimException.InvalidValue($"{name} must be a whole number.");

    private static string? TextOf(JsonNode? number) => number is null ? null : number.GetValueKind() == JsonValueKind.Number ? number.ToJsonString() : "?";
}
