using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>The attributes that a client wants (RFC 7644, section 3.9).</summary>
/// <param name="Included">Only these; null: all.</param>
/// <param name="Excluded">All but these.</param>
internal sealed record ScimProjection(IReadOnlyList<ScimName>? Included, IReadOnlyList<ScimName> Excluded)
{
    private const int MostNames = 100;

    public static readonly ScimProjection All = new(null, []);

    /// <summary>Whether the response contains the attribute.</summary>
    public bool Wants(string attribute) => Included is null
        ? !Excluded.Any(name => name.Sub is null && IsNamed(name, attribute))
        : Included.Any(name => IsNamed(name, attribute));

    /// <exception cref="ScimException">Both parameters are set, or they name too many attributes.</exception>
    public static ScimProjection Read(HttpRequest request, ScimSchema schema) =>
        Read(Split(request.Query["attributes"]), Split(request.Query["excludedAttributes"]), schema);

    /// <summary>Reads the attributes of a search request.</summary>
    /// <inheritdoc cref="Read(HttpRequest, ScimSchema)"/>
    public static ScimProjection Read(JsonObject search, ScimSchema schema) => Read(TextsOf(search["attributes"]), TextsOf(search["excludedAttributes"]), schema);

    public void Apply(JsonObject resource)
    {
        foreach (var name in resource.Select(property => property.Key).Where(name => !IsAlwaysReturned(name)).ToList())
            if (!Wants(name))
                resource.Remove(name);
            else
                ApplyToParts(resource[name], name);
    }

    private static ScimProjection Read(string[] included, string[] excluded, ScimSchema schema)
    {
        if (included.Length > 0 && excluded.Length > 0)
            throw ScimException.InvalidValue("attributes and excludedAttributes exclude each other. Send one of them.");
        if (included.Length + excluded.Length > MostNames)
            throw ScimException.InvalidValue($"Name at most {MostNames} attributes.");
        return new ScimProjection(included.Length == 0 ? null : Resolve(included, schema), Resolve(excluded, schema));
    }

    /// <summary>Ignores unknown names: they have no value to return.</summary>
    private static List<ScimName> Resolve(string[] names, ScimSchema schema) =>
        [.. names.Select(name => ScimName.TryResolve(name, schema, out var found) ? found : null).OfType<ScimName>()];

    private static string[] Split(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string[] TextsOf(JsonNode? list) =>
        [.. ScimComparison.ElementsOf(list).Select(item => item.GetValueKind() == JsonValueKind.String ? item.GetValue<string>() : throw ScimException.InvalidValue("Name attributes as strings."))];

    private void ApplyToParts(JsonNode? value, string attribute)
    {
        var names = (Included ?? Excluded).Where(name => IsNamed(name, attribute)).ToList();
        // Named as a whole, too, or not at all.
        if (names.Count == 0 || names.Exists(name => name.Sub is null))
            return;
        foreach (var element in ScimComparison.ElementsOf(value).OfType<JsonObject>())
            foreach (var part in element.Select(property => property.Key).ToList())
                if (names.Exists(name => name.Sub!.Name.Equals(part, StringComparison.OrdinalIgnoreCase)) == Included is null)
                    element.Remove(part);
    }

    private static bool IsNamed(ScimName name, string attribute) => name.Attribute is { } found && found.Name.Equals(attribute, StringComparison.OrdinalIgnoreCase);

    private static bool IsAlwaysReturned(string name) => ScimSchemas.Common.Any(attribute => attribute.IsAlwaysReturned && attribute.Name == name);
}
