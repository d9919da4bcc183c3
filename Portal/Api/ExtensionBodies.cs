using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Portal.Api.Document;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// An extension as it goes over the wire; names become snake_case.

/// <param name="Name">In lower case, without white space.</param>
/// <param name="Portal">Every account may use it.</param>
/// <param name="Status">What is in the catalogue is ready for use.</param>
/// <param name="Categories">Portal has none.</param>
/// <param name="Industries">Portal has none.</param>
/// <param name="Icon">Portal has none.</param>
/// <param name="ExternalId">Portal has none.</param>
/// <param name="Subtitle">Portal has none.</param>
/// <param name="Overview">Portal has none.</param>
/// <param name="Websites">Portal has none.</param>
/// <param name="Revision">Portal has none.</param>
/// <param name="Featured">Portal has none.</param>
/// <param name="Priority">Portal has none.</param>
/// <param name="System">Portal has none.</param>
/// <param name="Owner">Portal has none: the catalogue is nobody's.</param>
/// <param name="Constraints">Portal has none.</param>
/// <param name="Events">Portal has none.</param>
[SchemaName("auth.Extension")]
internal sealed record ExtensionBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(50)] string Name,
    [property: MaxLength(255)] string Description,
    [property: AllowedValues("any", "provider", "vendor")] string Portal,
    [property: AllowedValues("draft", "published", "unrestricted", "publishing", "unpublishing")] string Status,
    CategoryBody[] Categories,
    IndustryBody[] Industries,
    [property: Format("binary")] string? Icon = null,
    [property: MaxLength(256)] string? ExternalId = null,
    [property: MaxLength(128)] string? Subtitle = null,
    string? Overview = null,
    string[]? Websites = null,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] int? Revision = null,
    [property: JsonIgnore(Condition = WhenWritingNull)] bool? Featured = null,
    [property: JsonIgnore(Condition = WhenWritingNull)] int? Priority = null,
    [property: JsonIgnore(Condition = WhenWritingNull)] bool? System = null,
    [property: JsonIgnore(Condition = WhenWritingNull)] OwnerBody? Owner = null,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] ConstraintsBody? Constraints = null,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] EventsBody? Events = null)
{
    /// <summary>Of every extension: whose they are for, and that they need no publishing. Lists can be filtered by these.</summary>
    public const string ForAny = "any", Unrestricted = "unrestricted";

    public static ExtensionBody Of(string id, string name, string description) => new(id, name, description, ForAny, Unrestricted, [], []);
}

/// <summary>There is none; the type is the contract's.</summary>
[SchemaName("auth.ExtensionCategory")]
internal sealed record CategoryBody([property: ReadOnly(true)] string Id, [property: MaxLength(255)] string Name);

/// <summary>There is none; the type is the contract's.</summary>
internal sealed record ConstraintsBody(AccountConstraintsBody Account);

/// <summary>There is none; the type is the contract's.</summary>
/// <param name="Tokens">How many an account may have.</param>
internal sealed record AccountConstraintsBody(int Tokens);
