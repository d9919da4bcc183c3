using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>Applies the operations of a PATCH request to a resource (RFC 7644, section 3.5.2), also in the forms that Entra ID and Okta send: names of
/// operations with capital letters, paths as names of a value, and <c>remove</c> with the elements to remove.</summary>
internal static class ScimPatch
{
    public const int MostOperations = 1_000;

    /// <exception cref="ScimException">An operation is invalid. The resource may be changed in part and must not be stored.</exception>
    public static void Apply(JsonObject resource, JsonObject request, ScimSchema schema)
    {
        if (request["Operations"] is not JsonArray { Count: > 0 } operations)
            throw ScimException.InvalidSyntax("The body must contain Operations, a list with at least one operation.");
        if (operations.Count > MostOperations)
            throw new ScimException(StatusCodes.Status413PayloadTooLarge, null, $"The request has {operations.Count} operations. The limit is {MostOperations}. Send several requests.");
        foreach (var item in operations)
        {
            if (item is not JsonObject operation)
                throw ScimException.InvalidSyntax("Each operation must be an object with op, path and value.");
            var kind = ScimValue.Text(operation, "op")?.ToUpperInvariant() switch
            {
                "ADD" => Kind.Add,
                "REPLACE" => Kind.Replace,
                "REMOVE" => Kind.Remove,
                _ => throw ScimException.InvalidSyntax("op must be add, replace or remove."),
            };
            Apply(resource, kind, ScimValue.Text(operation, "path"), operation["value"], schema);
        }
    }

    private static void Apply(JsonObject resource, Kind kind, string? path, JsonNode? value, ScimSchema schema)
    {
        if (path is not null)
        {
            var target = ScimPath.Parse(path, schema);
            if (IsReadOnly(target))
                throw ScimException.Mutability($"{ScimText.Quote(path)} can't be changed by clients.");
            Apply(resource, kind, target, value);
            return;
        }

        if (kind == Kind.Remove)
            throw ScimException.NoTarget("remove needs a path, which says what to remove.");
        if (value is not JsonObject attributes)
            throw ScimException.InvalidValue("Without a path, value must be an object with attributes.");
        foreach (var (name, content) in attributes)
            if (ScimPath.Parse(name, schema) is var target && !IsReadOnly(target)) // Clients may send whole resources, with read-only attributes.
                Apply(resource, kind, target, content);
    }

    private static bool IsReadOnly(ScimPath target) => target.Attribute is { IsReadOnly: true } || target.Sub is { IsReadOnly: true };

    private static void Apply(JsonObject resource, Kind kind, ScimPath path, JsonNode? value)
    {
        if (path.Attribute is not { } attribute)
            return;
        // A null unassigns an attribute (RFC 7643, section 2.5).
        var change = value is null ? Kind.Remove : kind;
        if (path.Filter is not null || (path.Sub is not null && attribute.IsMultiValued))
            ChangeElements(resource, change, path, value);
        else if (path.Sub is { } sub)
            Set(PartsOf(resource, attribute), sub, change, value);
        else if (attribute.IsMultiValued)
            ChangeList(resource, change, attribute, value);
        else if (attribute.Type == ScimType.Complex && change != Kind.Remove)
            Merge(PartsOf(resource, attribute), attribute, value);
        else
            Set(resource, attribute, change, value);
    }

    private static void Set(JsonObject target, ScimAttribute attribute, Kind change, JsonNode? value)
    {
        if (change != Kind.Remove)
            target[attribute.Name] = value!.DeepClone();
        else if (attribute.IsRequired)
            throw ScimException.Mutability($"{attribute.Name} is required and can't be removed.");
        else
            target.Remove(attribute.Name);
    }

    /// <summary>The object of a complex attribute with one value. It is created if it doesn't exist.</summary>
    private static JsonObject PartsOf(JsonObject resource, ScimAttribute attribute)
    {
        if (resource[attribute.Name] is JsonObject parts)
            return parts;
        var created = ScimBody.NewObject();
        resource[attribute.Name] = created;
        return created;
    }

    private static void Merge(JsonObject target, ScimAttribute attribute, JsonNode? value)
    {
        if (value is not JsonObject parts)
            throw ScimException.InvalidValue($"The value of {attribute.Name} must be an object.");
        foreach (var (name, part) in parts)
            if (attribute.Find(name) is { IsReadOnly: false } sub)
                Set(target, sub, part is null ? Kind.Remove : Kind.Replace, part);
    }

    private static void ChangeList(JsonObject resource, Kind change, ScimAttribute attribute, JsonNode? value)
    {
        var items = ScimComparison.ElementsOf(value).Select(item => ToElement(item, attribute)).ToList();
        if (change == Kind.Replace || (change == Kind.Remove && value is null))
            resource[attribute.Name] = new JsonArray();
        var list = ListOf(resource, attribute);
        if (change == Kind.Remove)
        {
            var removed = items.Select(KeyOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
            list.RemoveAll(item => item is JsonObject element && removed.Contains(KeyOf(element)));
            return;
        }

        var known = list.OfType<JsonObject>().GroupBy(KeyOf, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
        foreach (var item in items)
        {
            if (known.TryGetValue(KeyOf(item), out var existing))
            {
                Merge(existing, attribute, item);
            }
            else
            {
                list.Add(item);
                known[KeyOf(item)] = item;
            }
        }

        if (items.Count > 0)
            KeepOnePrimary(list, known[KeyOf(items[^1])]);
    }

    private static void ChangeElements(JsonObject resource, Kind change, ScimPath path, JsonNode? value)
    {
        var (attribute, list) = (path.Attribute!, ListOf(resource, path.Attribute!));
        var chosen = list.OfType<JsonObject>().Where(element => path.Filter is null || path.Filter.Matches(element)).ToList();
        if (change == Kind.Remove && path.Sub is null)
        {
            var removed = chosen.ToHashSet<JsonNode>();
            list.RemoveAll(item => item is not null && removed.Contains(item));
            return;
        }

        if (chosen.Count == 0 && change != Kind.Remove)
        {
            if (change == Kind.Replace && path.Filter is not null)
                throw ScimException.NoTarget($"No element of {attribute.Name} fulfills the filter. Use add to create one.");
            chosen.Add(NewElement(list, path));
        }

        foreach (var element in chosen)
        {
            if (path.Sub is { } sub)
                Set(element, sub, change, value);
            else
                Merge(element, attribute, value);
            KeepOnePrimary(list, element);
        }
    }

    /// <summary>Adds an element with the values that the filter asks for.</summary>
    private static JsonObject NewElement(JsonArray list, ScimPath path)
    {
        var element = ScimBody.NewObject();
        foreach (var equality in path.Filter?.RequiredEqualities ?? [])
            if (equality.Name.Attribute is { } part)
                element[part.Name] = equality.Value switch { bool boolean => JsonValue.Create(boolean), string text => JsonValue.Create(text), _ => null };
        list.Add(element);
        return element;
    }

    private static JsonArray ListOf(JsonObject resource, ScimAttribute attribute)
    {
        if (resource[attribute.Name] is JsonArray list)
            return list;
        var created = new JsonArray();
        resource[attribute.Name] = created;
        return created;
    }

    private static JsonObject ToElement(JsonNode item, ScimAttribute attribute)
    {
        if (item is JsonObject)
            return (JsonObject)item.DeepClone();
        var element = ScimBody.NewObject();
        element["value"] = item.GetValueKind() == JsonValueKind.String ? item.DeepClone() : throw ScimException.InvalidValue($"Each element of {attribute.Name} must be an object.");
        return element;
    }

    private static string KeyOf(JsonObject element) => ScimValue.Text(element, "value") ?? "";

    /// <summary>At most one element is the primary one (RFC 7643, section 2.4): the latest.</summary>
    private static void KeepOnePrimary(JsonArray list, JsonObject latest)
    {
        if (ScimValue.Boolean(latest["primary"]) != true)
            return;
        foreach (var other in list.OfType<JsonObject>().Where(other => other != latest))
            other.Remove("primary");
    }

    private enum Kind
    {
        Add,
        Replace,
        Remove,
    }
}
