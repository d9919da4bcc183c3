using Portal.Accounts;
using Portal.Catalog;
using Portal.Tokens.Reading;

namespace Portal.Api.Rql;

/// <summary>The properties by which the short lists in memory can be filtered and ordered.</summary>
/// <remarks>Properties of accounts and extensions for which Portal has no data are null: they equal no value.</remarks>
public static class CatalogProperties
{
    private const RqlLookups Text = RqlLookups.Text, TextOrNull = RqlLookups.Text | RqlLookups.Null;

    public static RqlProperties<Module> Modules { get; } = new RqlProperties<Module>()
        .Text("id", TextOrNull, module => module.Id, ordered: true, searched: true)
        .Text("name", Text, module => module.Name, ordered: true, searched: true);

    public static RqlProperties<Extension> Extensions { get; } = new RqlProperties<Extension>()
        .Text("categories.id", TextOrNull, _ => null)
        .Number("constraints.account.tokens", RqlLookups.Scalar, _ => null)
        .Text("external_id", TextOrNull, _ => null)
        .Flag("featured", RqlLookups.Equal, _ => null, ordered: true)
        .Text("id", TextOrNull, extension => extension.Id, ordered: true)
        .Text("industries.id", TextOrNull, _ => null)
        .Text("name", Text, extension => extension.Name, ordered: true)
        .Text("portal", Text, _ => ExtensionBody.ForAny, allowed: ["any", "provider", "vendor"])
        .Number("priority", RqlLookups.Scalar, _ => null, ordered: true)
        .Text("status", Text, _ => ExtensionBody.Unrestricted, ordered: true, allowed: ["draft", "published", "unrestricted", "publishing", "unpublishing"])
        .Flag("system", RqlLookups.Equal, _ => null);

    /// <summary>The permissions of a token.</summary>
    public static RqlProperties<ModuleGrant> Permissions { get; } = new RqlProperties<ModuleGrant>()
        .Text("id", TextOrNull, permission => permission.ModuleId, ordered: true, searched: true)
        .Text("object.id", Text, permission => permission.ModuleId, ordered: true, searched: true);

    public static RqlProperties<AccountSummary> Accounts { get; } = new RqlProperties<AccountSummary>()
        .Moment("events.created.at", RqlLookups.Scalar, account => account.CreatedAt, ordered: true)
        .Text("external_id", Text, _ => null, ordered: true, searched: true)
        .Text("id", TextOrNull, account => account.Id, ordered: true, searched: true)
        .Text("name", Text, account => account.Name)
        .Flag("public", RqlLookups.Equal | RqlLookups.Null, _ => null)
        .Text("role", Text, _ => null, allowed: ["Vendor", "Distributor", "Reseller"])
        .Text("type", Text, _ => null, allowed: ["Vendor", "Provider"]);
}
