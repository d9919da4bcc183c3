using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Scim;

/// <summary>Reads JSON values as clients send them.</summary>
internal static class ScimValue
{
    /// <summary>Reads a Boolean. Entra ID sends it as text with a capital letter.</summary>
    /// <returns>Null: it isn't one.</returns>
    public static bool? Boolean(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when bool.TryParse(value.GetValue<string>(), out var result) => result,
        _ => null,
    };

    /// <summary>Reads the text of an attribute.</summary>
    /// <returns>Null: the attribute is missing, null or empty.</returns>
    /// <exception cref="ScimException">It isn't a text.</exception>
    public static string? Text(JsonObject from, string name)
    {
        if (from[name] is not { } value)
            return null;
        if (value.GetValueKind() != JsonValueKind.String)
            throw ScimException.InvalidValue($"The value of {name} must be a string.");
        return value.GetValue<string>().Trim() is { Length: > 0 } text ? text : null;
    }
}
