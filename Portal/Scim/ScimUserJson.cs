using System.Text.Json.Nodes;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>Converts users to JSON and back.</summary>
internal static class ScimUserJson
{
    public static JsonObject Write(ScimUserRecord user, HttpRequest request)
    {
        var json = ScimBody.NewObject();
        json["schemas"] = new JsonArray(ScimSchemas.UserId);
        json["id"] = user.Id;
        json["externalId"] = user.ExternalId;
        json["userName"] = user.UserName;
        json["name"] = NameOf(user);
        json["displayName"] = user.DisplayName;
        if (user.Email is not null)
            json["emails"] = new JsonArray(Object(("value", user.Email), ("type", "work"), ("primary", true)));
        json["active"] = user.IsActive;
        json["groups"] = new JsonArray([.. user.Groups.Select(group =>
            Object(("value", group.Id), ("$ref", ScimAddress.Of(request, ScimAddress.Groups, group.Id)), ("display", group.Name), ("type", "direct")))]);
        json["meta"] = ScimResponse.Meta("User", user.CreatedAt, user.UpdatedAt, ScimAddress.Of(request, ScimAddress.Users, user.Id), user.Version);
        ScimResponse.RemoveUnassigned(json);
        return json;
    }

    /// <param name="currentEmail">The address that Portal stores; null: none.</param>
    /// <exception cref="ScimException">An attribute has another type.</exception>
    public static ScimUserInput Read(JsonObject json, string? currentEmail)
    {
        if (json["name"] is not (null or JsonObject))
            throw ScimException.InvalidValue("name must be an object.");
        var name = json["name"] as JsonObject ?? ScimBody.NewObject();
        var (given, family) = (ScimValue.Text(name, "givenName"), ScimValue.Text(name, "familyName"));
        if (json["active"] is { } sent && ScimValue.Boolean(sent) is null)
            throw ScimException.InvalidValue("active must be true or false.");
        return new ScimUserInput(
            ScimValue.Text(json, "userName"), ScimValue.Text(json, "displayName") ?? ScimValue.Text(name, "formatted"), given, family,
            ReadEmail(json["emails"], currentEmail), ScimValue.Text(json, "externalId"), ScimValue.Boolean(json["active"]));
    }

    /// <summary>Reads a changed copy of what <see cref="Write"/> wrote. Attributes that Portal had derived from others are derived again.</summary>
    /// <inheritdoc cref="Read"/>
    public static ScimUserInput ReadChanged(JsonObject json, ScimUserRecord before)
    {
        var input = Read(json, before.Email);
        var isDerived = before.DisplayName == $"{before.GivenName} {before.FamilyName}".Trim() || before.DisplayName == before.UserName;
        return input with
        {
            DisplayName = input.DisplayName == before.DisplayName && isDerived ? null : input.DisplayName,
            Email = input.Email == before.Email && before.Email == before.UserName && ScimUserRules.IsEmail(input.UserName) ? input.UserName : input.Email,
        };
    }

    /// <summary>Chooses the address to store. A new one that is primary or for work replaces the current one, so that a client can also add it.</summary>
    private static string? ReadEmail(JsonNode? emails, string? current)
    {
        var addresses = ScimComparison.ElementsOf(emails).Select(item => item as JsonObject ?? throw ScimException.InvalidValue("Each element of emails must be an object with value and type."))
            .Select(item => (Value: ScimValue.Text(item, "value"), IsWork: "work".Equals(ScimValue.Text(item, "type"), StringComparison.OrdinalIgnoreCase), IsPrimary: ScimValue.Boolean(item["primary"]) == true))
            .Where(item => item.Value is not null).ToList();
        var changed = addresses.Where(item => !string.Equals(item.Value, current, StringComparison.Ordinal)).ToList();
        return Choose(changed, item => item.IsPrimary) ?? Choose(changed, item => item.IsWork && !addresses.Exists(other => other.IsPrimary && other.Value != current))
            ?? addresses.Find(item => item.Value == current).Value ?? addresses.FirstOrDefault().Value;

        static string? Choose(List<(string? Value, bool IsWork, bool IsPrimary)> from, Predicate<(string? Value, bool IsWork, bool IsPrimary)> which) => from.Find(which).Value;
    }

    private static JsonObject? NameOf(ScimUserRecord user) => user.GivenName is null && user.FamilyName is null
        ? null
        : Object(("formatted", $"{user.GivenName} {user.FamilyName}".Trim()), ("givenName", user.GivenName), ("familyName", user.FamilyName));

    private static JsonObject Object(params (string Name, JsonNode? Value)[] values) => ScimResponse.Object(values);
}
