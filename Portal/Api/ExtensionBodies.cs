using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Portal.Api.Document;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// An extension in the wire format; names are converted to snake_case.

/// <param name="Name">In lower case, without white space.</param>
/// <param name="Portal">Always <c>any</c>: every account may use the extension.</param>
/// <param name="Status">Always <c>unrestricted</c>: every extension of the catalog is ready for use.</param>
/// <param name="Categories">Not provided by Portal.</param>
/// <param name="Industries">Not provided by Portal.</param>
/// <param name="Icon">Not provided by Portal.</param>
/// <param name="ExternalId">Not provided by Portal.</param>
/// <param name="Subtitle">Not provided by Portal.</param>
/// <param name="Overview">Not provided by Portal.</param>
/// <param name="Websites">Not provided by Portal.</param>
/// <param name="Revision">Not provided by Portal.</param>
/// <param name="Featured">Not provided by Portal.</param>
/// <param name="Priority">Not provided by Portal.</param>
/// <param name="System">Not provided by Portal.</param>
/// <param name="Owner">Not provided by Portal: no account owns the catalog.</param>
/// <param name="Constraints">Not provided by Portal.</param>
/// <param name="Events">Not provided by Portal.</param>
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
    /// <summary>The fixed audience and status of every extension. Lists can be filtered by them.</summary>
    public const string ForAny = "any", Unrestricted = "unrestricted";

    public static ExtensionBody Of(string id, string name, string description) => new(id, name, description, ForAny, Unrestricted, [], []);
}

/// <summary>Never used; the type is part of the wire contract.</summary>
[SchemaName("auth.ExtensionCategory")]
internal sealed record CategoryBody([property: ReadOnly(true)] string Id, [property: MaxLength(255)] string Name);

/// <summary>Never used; the type is part of the wire contract.</summary>
internal sealed record ConstraintsBody(AccountConstraintsBody Account);

/// <summary>Never used; the type is part of the wire contract.</summary>
/// <param name="Tokens">The maximum number of tokens per account.</param>
internal sealed record AccountConstraintsBody(int Tokens);
