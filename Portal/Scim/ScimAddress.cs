namespace Portal.Scim;

/// <summary>The absolute addresses of resources.</summary>
internal static class ScimAddress
{
    public const string BasePath = "/scim/v2";
    public const string Users = "Users", Groups = "Groups", ResourceTypes = "ResourceTypes", Schemas = "Schemas", ServiceProviderConfig = "ServiceProviderConfig";

    public static string Of(HttpRequest request, string endpoint, string? id = null) =>
        $"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}{BasePath}/{endpoint}{(id is null ? "" : "/" + Uri.EscapeDataString(id))}";
}
