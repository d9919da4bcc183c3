using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Portal.Api.Document;
using Portal.Data;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// An account in the wire format; names are converted to snake_case.

/// <param name="Account">The account that the token belongs to.</param>
/// <param name="User">The token: its handle and name.</param>
internal sealed record ContextBody(IconReferenceBody Account, ReferenceBody User);

/// <param name="Industries">Portal has none.</param>
/// <param name="Icon">Portal has none.</param>
/// <param name="Description">Portal has none.</param>
/// <param name="Overview">Portal has none.</param>
/// <param name="Headquarters">Portal has none.</param>
/// <param name="Countries">Portal has none.</param>
/// <param name="Languages">Portal has none.</param>
/// <param name="Websites">Portal has none.</param>
/// <param name="Public">Not provided by Portal: accounts aren't visible to others.</param>
/// <param name="Type">Portal has none.</param>
/// <param name="Role">Portal has none.</param>
/// <param name="Brand">Portal has none.</param>
/// <param name="ExternalId">Portal has none.</param>
/// <param name="Sourcing">Portal has none.</param>
/// <param name="Permissions">Not provided by Portal: permissions belong to tokens.</param>
[SchemaName("auth.Account")]
internal sealed record AccountBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(Account.NameLength)] string Name,
    [property: ReadOnly(true)] EventsBody Events,
    IndustryBody[] Industries,
    [property: Format("binary")] string? Icon = null,
    [property: MaxLength(512)] string? Description = null,
    string? Overview = null,
    [property: MaxLength(256)] string? Headquarters = null,
    object[]? Countries = null,
    string[]? Languages = null,
    string[]? Websites = null,
    bool? Public = null,
    [property: AllowedValues("vendor", "provider"), JsonIgnore(Condition = WhenWritingNull)] string? Type = null,
    [property: AllowedValues("vendor", "distributor", "reseller"), JsonIgnore(Condition = WhenWritingNull)] string? Role = null,
    [property: MaxLength(100), JsonIgnore(Condition = WhenWritingNull)] string? Brand = null,
    [property: MaxLength(100), JsonIgnore(Condition = WhenWritingNull)] string? ExternalId = null,
    [property: JsonIgnore(Condition = WhenWritingNull)] bool? Sourcing = null,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] JsonObject? Permissions = null)
{
    public static AccountBody Of(string id, string name, DateTimeOffset createdAt) => new(id, name, new EventsBody(new EventBody(createdAt)), []);
}
