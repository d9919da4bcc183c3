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

/// <param name="Industries">Not provided by Portal.</param>
/// <param name="Icon">Not provided by Portal.</param>
/// <param name="Description">Not provided by Portal.</param>
/// <param name="Overview">Not provided by Portal.</param>
/// <param name="Headquarters">Not provided by Portal.</param>
/// <param name="Countries">Not provided by Portal.</param>
/// <param name="Languages">Not provided by Portal.</param>
/// <param name="Websites">Not provided by Portal.</param>
/// <param name="Public">Not provided by Portal: accounts aren't visible to others.</param>
/// <param name="Type">Not provided by Portal.</param>
/// <param name="Role">Not provided by Portal.</param>
/// <param name="Brand">Not provided by Portal.</param>
/// <param name="ExternalId">Not provided by Portal.</param>
/// <param name="Sourcing">Not provided by Portal.</param>
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
