using System.ComponentModel.DataAnnotations;
using Portal.Api.Document;
using Portal.Data;

namespace Portal.Api;

// The request bodies for the OpenAPI document. TokenInput and the endpoints read them field by field, to report all errors
// together. A field can be null only if its type allows it; a field that can be omitted but not null has the default null!.

/// <summary>A new token.</summary>
/// <param name="Name">Must be unique among the account's tokens that aren't deleted, ignoring case.</param>
/// <param name="ExternalId">The identifier of the token in other systems.</param>
/// <param name="Owner">Your own account, which is also the default.</param>
/// <param name="ExpirationDate">When the key expires, within the next 100 years. Null: never. Omitted: the latest time that the calling token and the policy allow; never, if there is no limit.</param>
/// <param name="StartDate">From when the token may be used, within the next five years and before the expiration. Until then it is pending. Null: at once.</param>
/// <param name="Permissions">The modules that the token may use. Omitted: those of the extension, otherwise only what every token may use.</param>
/// <param name="PerpetualReason">Why the token never expires. The policy of your account may require it.</param>
/// <param name="NoticeDays">The numbers of days before the expiration at which people are told: some of 180, 90, 60, 30, 14, 7, 3, 2, 1 and 0. An empty list: never. Null: as configured.</param>
[SchemaName("auth.TokenWrite")]
internal sealed record TokenWrite(
    [property: MinLength(1), MaxLength(Token.NameLength)] string Name,
    ExtensionChoice Extension,
    [property: MaxLength(Token.ExternalIdLength)] string? ExternalId = null,
    [property: MaxLength(Token.DescriptionLength)] string? Description = null,
    IdWrite Owner = null!,
    DateTimeOffset? ExpirationDate = null,
    PermissionWrite[] Permissions = null!,
    DateTimeOffset? StartDate = null,
    [property: MaxLength(Token.ReasonLength)] string? PerpetualReason = null,
    int[]? NoticeDays = null);

/// <summary>An extension of the catalog, identified by its id, its name or both.</summary>
[SchemaName("auth._ExtensionWrite")]
internal sealed record ExtensionChoice([property: WriteOnly] string Id = null!, [property: WriteOnly] string Name = null!);

[SchemaName("auth.IdWrite")]
internal sealed record IdWrite([property: WriteOnly] string Id);

/// <summary>A module, identified by either id. If both are sent, they must be equal.</summary>
[SchemaName("auth.PermissionWrite")]
internal sealed record PermissionWrite(string Id = null!, ModuleChoiceWrite Object = null!);

[SchemaName("auth.PermissionObjectMerge")]
internal sealed record ModuleChoiceWrite(string Id);

/// <summary>Send at least one field. Omitted fields are unchanged.</summary>
/// <param name="StartDate">The new start of a pending token, within the next five years and before the expiration. Null: unchanged. To start it at once, enable it.</param>
/// <param name="NoticeDays">The numbers of days before the expiration at which people are told: some of 180, 90, 60, 30, 14, 7, 3, 2, 1 and 0. An empty list: never. Null: as configured.</param>
[SchemaName("auth.TokenUpdate")]
internal sealed record TokenUpdate(
    [property: MinLength(1), MaxLength(Token.NameLength)] string Name = null!,
    [property: MaxLength(Token.ExternalIdLength)] string? ExternalId = null,
    [property: MaxLength(Token.DescriptionLength)] string? Description = null,
    int[]? NoticeDays = null,
    DateTimeOffset? StartDate = null);

/// <param name="ExpirationDate">When the new key expires, within the next 100 years.</param>
[SchemaName("auth.TokenRenew")]
internal sealed record TokenRenew(DateTimeOffset ExpirationDate);

/// <param name="ExpirationDate">When the new key expires, within the next 100 years. Null: never. Omitted: when the current key would have.</param>
/// <param name="Overlap">How long the current key keeps working, but not past its own expiration, as an ISO 8601 duration; at most 30 days.
/// Omitted: it ends immediately.</param>
/// <param name="PerpetualReason">Why the new key never expires. The policy of your account may require it. Omitted: the present reason.</param>
[SchemaName("auth.TokenRenewRotate")]
internal sealed record TokenRotate(DateTimeOffset? ExpirationDate = null, string? Overlap = null,
    [property: MaxLength(Token.ReasonLength)] string? PerpetualReason = null);
