using System.Text.Json;

namespace Portal.Audit;

/// <summary>Reads the details of audit entries, which <see cref="AuditLog"/> has written.</summary>
internal static class AuditDetails
{
    /// <param name="json">Null: none.</param>
    public static IReadOnlyList<AuditDetail> Parse(string? json)
    {
        if (json is null)
            return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Select(Read).Where(detail => detail.IsChange || detail.After is not null)]
                : [new AuditDetail("", json)];
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Changed by someone else. The check of the log finds it.
            return [new AuditDetail("", json)];
        }
    }

    /// <summary>Reads the details as JSON.</summary>
    /// <returns>Null: there are none. Text that isn't JSON is returned as a string.</returns>
    public static JsonElement? ParseValues(string? json)
    {
        try
        {
            return json is null ? null : JsonDocument.Parse(json).RootElement;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return JsonSerializer.SerializeToElement(json);
        }
    }

    /// <summary>Finds the values before and after a change.</summary>
    /// <returns>Null: the value isn't a change.</returns>
    public static (JsonElement Before, JsonElement After)? FindChange(JsonElement value) => Find(value, "before", "after") ?? Find(value, "from", "to");

    private static AuditDetail Read(JsonProperty property) =>
        FindChange(property.Value) is { } change
            ? new AuditDetail(property.Name, Write(change.After)) { Before = Write(change.Before), IsChange = true }
            : new AuditDetail(property.Name, Write(property.Value));

    private static (JsonElement Before, JsonElement After)? Find(JsonElement value, string before, string after) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(before, out var former) && value.TryGetProperty(after, out var current) ? (former, current) : null;

    private static string? Write(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Write)),
        _ => value.GetRawText(),
    };
}
