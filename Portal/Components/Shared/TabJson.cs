using System.Text.Json;

namespace Portal.Components.Shared;

/// <summary>Reads JSON that a browser tab stored. The browser sends it back, so it isn't trusted.</summary>
internal static class TabJson
{
    /// <returns>Null: there is none, or it can't be read.</returns>
    public static T? Read<T>(string? text)
        where T : class
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<T>(text);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // ArgumentException: half of a surrogate pair can't be converted to UTF-8.
            return null;
        }
    }
}
