using System.Text.Json.Nodes;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>Converts groups to JSON and back.</summary>
internal static class ScimGroupJson
{
    public static JsonObject Write(ScimGroupRecord group, HttpRequest request)
    {
        var json = ScimBody.NewObject();
        json["schemas"] = new JsonArray(ScimSchemas.GroupId);
        json["id"] = group.Id;
        json["externalId"] = group.ExternalId;
        json["displayName"] = group.DisplayName;
        json["members"] = new JsonArray([.. (group.Members ?? []).Select(member => ScimResponse.Object(
            ("value", member.Id), ("$ref", ScimAddress.Of(request, ScimAddress.Users, member.Id)), ("display", member.Name), ("type", "User")))]);
        json["meta"] = ScimResponse.Meta("Group", group.CreatedAt, group.UpdatedAt, ScimAddress.Of(request, ScimAddress.Groups, group.Id), group.Version);
        ScimResponse.RemoveUnassigned(json);
        return json;
    }

    /// <exception cref="ScimException">An attribute has another type.</exception>
    public static ScimGroupInput Read(JsonObject json) => new(
        ScimValue.Text(json, "displayName"), ScimValue.Text(json, "externalId"), [.. ScimComparison.ElementsOf(json["members"]).Select(IdOf)]);

    private static string IdOf(JsonNode member) => member is JsonObject element && ScimValue.Text(element, "value") is { } id
        ? !"Group".Equals(ScimValue.Text(element, "type"), StringComparison.OrdinalIgnoreCase) ? id : throw ScimException.InvalidValue("Groups can't contain groups. Send the users.")
        : throw ScimException.InvalidValue("Each element of members must be an object with value, the ID of a user.");
}
