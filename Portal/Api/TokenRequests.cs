using System.ComponentModel.DataAnnotations;
using Portal.Api.Document;
using Portal.Data;

namespace Portal.Api;

// What clients send about tokens, for the API's document: TokenInput and the endpoints read it field by field, to tell every fault at
// once. A field may be null if its type says so; one that is only left out, and never null, is null! by default.

/// <summary>A token to be made.</summary>
/// <param name="Name">Not used by another token of the account that is not deleted, whatever its case.</param>
/// <param name="ExternalId">What other systems call it.</param>
/// <param name="Owner">Your own account, which it is without this.</param>
/// <param name="ExpirationDate">When its key ends, in the next 100 years. Null: never. Nothing: when the key that you call with ends.</param>
/// <param name="Permissions">The modules that it may use. Nothing: those that the extension settles, else what is open to every token.</param>
[SchemaName("auth.TokenWrite")]
internal sealed record TokenWrite(
    [property: MinLength(1), MaxLength(Token.NameLength)] string Name,
    ExtensionChoice Extension,
    [property: MaxLength(Token.ExternalIdLength)] string? ExternalId = null,
    [property: MaxLength(Token.DescriptionLength)] string? Description = null,
    IdWrite Owner = null!,
    DateTimeOffset? ExpirationDate = null,
    PermissionWrite[] Permissions = null!);

/// <summary>An extension of the catalogue, by its id, its name or both.</summary>
[SchemaName("auth._ExtensionWrite")]
internal sealed record ExtensionChoice([property: WriteOnly] string Id = null!, [property: WriteOnly] string Name = null!);

[SchemaName("auth.IdWrite")]
internal sealed record IdWrite([property: WriteOnly] string Id);

/// <summary>A module, by the id of either; if both are there, they are the same.</summary>
[SchemaName("auth.PermissionWrite")]
internal sealed record PermissionWrite(string Id = null!, ModuleChoiceWrite Object = null!);

[SchemaName("auth.PermissionObjectMerge")]
internal sealed record ModuleChoiceWrite(string Id);

/// <summary>At least one of them; what is not sent stays.</summary>
[SchemaName("auth.TokenUpdate")]
internal sealed record TokenUpdate(
    [property: MinLength(1), MaxLength(Token.NameLength)] string Name = null!,
    [property: MaxLength(Token.ExternalIdLength)] string? ExternalId = null,
    [property: MaxLength(Token.DescriptionLength)] string? Description = null);

/// <param name="ExpirationDate">When the new key ends, in the next 100 years.</param>
[SchemaName("auth.TokenRenew")]
internal sealed record TokenRenew(DateTimeOffset ExpirationDate);

/// <param name="ExpirationDate">When the new key ends, in the next 100 years. Null: never. Nothing: when the present one would have.</param>
/// <param name="Overlap">For how long the present key still works, as an ISO 8601 duration, never past its own end; 30 days at most.
/// Nothing: it ends at once.</param>
[SchemaName("auth.TokenRenewRotate")]
internal sealed record TokenRotate(DateTimeOffset? ExpirationDate = null, string? Overlap = null);
