using System.Text.Json.Nodes;
using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>The endpoints that say what Portal supports (RFC 7644, section 4), and those for what it doesn't support.</summary>
internal static class ScimDiscoveryEndpoints
{
    public static Task GetConfigurationAsync(HttpContext context) => ScimResponse.WriteAsync(context, StatusCodes.Status200OK, ScimResponse.Object(
        ("schemas", new JsonArray(ScimSchemas.ServiceProviderConfig)),
        ("patch", Supported(true)),
        ("bulk", ScimResponse.Object(("supported", false), ("maxOperations", 0), ("maxPayloadSize", 0))),
        ("filter", ScimResponse.Object(("supported", true), ("maxResults", ScimQuery.MostResults))),
        ("changePassword", Supported(false)),
        ("sort", Supported(false)),
        ("etag", Supported(true)),
        ("authenticationSchemes", new JsonArray(ScimResponse.Object(
            ("type", "oauthbearertoken"), ("name", "Bearer token"), ("description", "Authorization: Bearer with the token in Portal's configuration."), ("primary", true)))),
        ("meta", ScimResponse.Object(("resourceType", "ServiceProviderConfig"), ("location", ScimAddress.Of(context.Request, ScimAddress.ServiceProviderConfig))))));

    public static Task ListResourceTypesAsync(HttpContext context) => ListAsync(context, ScimSchemas.All, schema => WriteType(schema, context.Request));

    public static Task GetResourceTypeAsync(HttpContext context) => GetAsync(
        context, "resource type", schema => schema.Name, schema => WriteType(schema, context.Request));

    public static Task ListSchemasAsync(HttpContext context) => ListAsync(context, ScimSchemas.All, schema => WriteSchema(schema, context.Request));

    public static Task GetSchemaAsync(HttpContext context) => GetAsync(context, "schema", schema => schema.Id, schema => WriteSchema(schema, context.Request));

    /// <summary>Bulk requests, requests about the client itself, and searches of all resources at once.</summary>
    public static Task RefuseAsync(HttpContext context) =>
        throw new ScimException(StatusCodes.Status501NotImplemented, null, "Portal doesn't support this. Use /Users and /Groups.");

    private static Task ListAsync(HttpContext context, IReadOnlyList<ScimSchema> schemas, Func<ScimSchema, JsonObject> write)
    {
        if (context.Request.Query.ContainsKey("filter"))
            throw new ScimException(StatusCodes.Status403Forbidden, null, "This list can't be filtered. Send the request without filter.");
        return ScimResponse.WriteAsync(context, StatusCodes.Status200OK, ScimQuery.ListOf(schemas.Count, 1, [.. schemas.Select(write)]));
    }

    private static Task GetAsync(HttpContext context, string what, Func<ScimSchema, string> idOf, Func<ScimSchema, JsonObject> write)
    {
        var id = ScimGate.IdOf(context);
        var found = ScimSchemas.All.FirstOrDefault(schema => idOf(schema).Equals(id, StringComparison.OrdinalIgnoreCase)) ?? throw ScimException.NotFound(what, id);
        return ScimResponse.WriteAsync(context, StatusCodes.Status200OK, write(found));
    }

    private static JsonObject WriteType(ScimSchema schema, HttpRequest request) => ScimResponse.Object(
        ("schemas", new JsonArray(ScimSchemas.ResourceType)), ("id", schema.Name), ("name", schema.Name), ("endpoint", $"/{schema.Name}s"), ("description", schema.Description), ("schema", schema.Id),
        ("meta", ScimResponse.Object(("resourceType", "ResourceType"), ("location", ScimAddress.Of(request, ScimAddress.ResourceTypes, schema.Name)))));

    private static JsonObject WriteSchema(ScimSchema schema, HttpRequest request) => ScimResponse.Object(
        ("schemas", new JsonArray(ScimSchemas.SchemaOfSchemas)), ("id", schema.Id), ("name", schema.Name), ("description", schema.Description),
        ("attributes", new JsonArray([.. schema.Attributes.Select(WriteAttribute)])),
        ("meta", ScimResponse.Object(("resourceType", "Schema"), ("location", ScimAddress.Of(request, ScimAddress.Schemas, schema.Id)))));

    private static JsonObject WriteAttribute(ScimAttribute attribute)
    {
        var json = ScimResponse.Object(
            ("name", attribute.Name), ("type", char.ToLowerInvariant(attribute.Type.ToString()[0]) + attribute.Type.ToString()[1..]), ("multiValued", attribute.IsMultiValued),
            ("description", attribute.Description), ("required", attribute.IsRequired), ("caseExact", attribute.IsCaseExact), ("mutability", attribute.IsReadOnly ? "readOnly" : "readWrite"),
            ("returned", attribute.IsAlwaysReturned ? "always" : "default"), ("uniqueness", attribute.IsUnique ? "server" : "none"));
        if (attribute.SubAttributes.Count > 0)
            json["subAttributes"] = new JsonArray([.. attribute.SubAttributes.Select(WriteAttribute)]);
        if (attribute.ReferenceTypes.Count > 0)
            json["referenceTypes"] = new JsonArray([.. attribute.ReferenceTypes.Select(type => JsonValue.Create(type))]);
        return json;
    }

    private static JsonObject Supported(bool value) => ScimResponse.Object(("supported", value));
}
