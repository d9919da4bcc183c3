using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Api.Rql;

namespace Portal.Api;

/// <summary>Applies <c>select(...)</c>. As clients of the platform expect, a name adds a field to the default fields, and a name with a
/// minus sign removes one: <c>select(permissions,-events)</c> returns everything except the events. All fields are returned by default, so
/// names add nothing.</summary>
internal static class SelectedFields
{
    /// <typeparam name="TBody">The type of the items in the response.</typeparam>
    /// <typeparam name="T">The type of the rows.</typeparam>
    /// <param name="properties">The properties of the list. They are valid field names too, even if Portal has no data for them.</param>
    /// <returns>The errors; empty: valid.</returns>
    public static IReadOnlyList<RqlError> Check<TBody, T>(HttpContext context, RqlQuery query, RqlProperties<T> properties)
    {
        List<RqlError> errors = [];
        var format = FormatOf(context);
        foreach (var name in query.Select)
        {
            if (MissingIn(format, typeof(TBody), name.Name) is { } offered && !properties.Knows(name.Name))
                errors.Add(new RqlError(name.Position, $"There is no field {RqlParser.Quote(name.Name)} to select. Use one of {offered}."));
            else if (!name.Negative && query.Select.FirstOrDefault(other => other.Negative && Holds(other.Name, name.Name)) is { } other)
                errors.Add(new RqlError(
                    name.Position, $"{RqlParser.Quote(name.Name)} can't be told when {RqlParser.Quote(other.Name)} is left out."));
        }

        return errors;
    }

    /// <summary>Serializes the rows without the omitted fields.</summary>
    public static JsonArray Cut<TBody>(HttpContext context, RqlQuery query, IEnumerable<TBody> bodies)
    {
        var rows = JsonSerializer.SerializeToNode(bodies.ToArray(), FormatOf(context))!.AsArray();
        foreach (var row in rows.OfType<JsonObject>())
            foreach (var name in query.Select.Where(name => name.Negative))
                Remove(row, name.Name.Split('.'));
        return rows;
    }

    private static JsonSerializerOptions FormatOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;

    /// <returns>The valid fields; null: the path exists.</returns>
    private static string? MissingIn(JsonSerializerOptions format, Type body, string path)
    {
        foreach (var part in path.Split('.'))
        {
            var fields = FieldsOf(format, body);
            if (fields.FirstOrDefault(field => field.Name == part) is not { } found)
                return string.Join(", ", fields.Select(field => field.Name));
            body = found.PropertyType;
        }

        return null;
    }

    private static IList<JsonPropertyInfo> FieldsOf(JsonSerializerOptions format, Type body) => format.GetTypeInfo(body) switch
    {
        { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } => FieldsOf(format, element),
        var type => type.Properties,
    };

    private static bool Holds(string outer, string path) => path == outer || path.StartsWith($"{outer}.", StringComparison.Ordinal);

    private static void Remove(JsonObject row, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            row.Remove(path[0]);
        else if (row[path[0]] is JsonObject within)
            Remove(within, path[1..]);
        else if (row[path[0]] is JsonArray several)
            foreach (var entry in several.OfType<JsonObject>())
                Remove(entry, path[1..]);
    }
}
