using Portal.Catalog;

namespace Portal.Tokens.Reading;

/// <summary>An event of a token: the time (UTC), and the actor who caused it.</summary>
/// <param name="ById">The ID of a user or the handle of a token.</param>
public sealed record TokenEvent(DateTime At, string ById, string ByName);

/// <summary>A token's extension, also when the catalogue no longer has it.</summary>
/// <param name="Extension">Null: no longer offered.</param>
public sealed record TokenExtension(string Id, string Name, Extension? Extension)
{
    public bool Offered => Extension is not null;

    /// <summary><c>custom - EXT-000</c>.</summary>
    public string Label => $"{Extension?.Name ?? Name} - {Id}";
}

/// <summary>A module that a token may use.</summary>
public sealed record ModuleGrant(string ModuleId, string ModuleName, TokenEvent Granted);

/// <summary>A token as screens and programs read it: what it is, without how it was used and without keys. Screens show
/// <see cref="TokenDetails"/> besides.</summary>
/// <param name="AllModules">Whether it may use every module, also later ones.</param>
/// <param name="Grants">Modules of the catalogue in its order; with all modules, every one.</param>
/// <param name="ExpiresAt">When the newest key ends, UTC; null: never.</param>
/// <param name="PreviousEndsAt">When the key before it ends, UTC; null: no such key lives.</param>
/// <param name="Version">To be handed back when editing.</param>
public record TokenRecord(
    string Handle,
    string Name,
    string? ExternalId,
    string? Description,
    TokenStatus Status,
    TokenExtension Extension,
    bool AllModules,
    IReadOnlyList<ModuleGrant> Grants,
    DateTime? ExpiresAt,
    DateTime? PreviousEndsAt,
    TokenEvent Created,
    TokenEvent Updated,
    Guid Version)
{
    /// <summary>How many modules of the catalogue the token may use.</summary>
    public int ModuleCount => Grants.Count;

    public ModuleChoice Choice => AllModules ? ModuleChoice.All : new ModuleChoice(false, [.. Grants.Select(grant => grant.ModuleId)]);
}

/// <summary>Part of a list of tokens.</summary>
/// <param name="Total">The total number of results.</param>
public sealed record TokenRecords(IReadOnlyList<TokenRecord> Tokens, int Total);
