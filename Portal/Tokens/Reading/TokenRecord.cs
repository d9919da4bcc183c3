using Portal.Catalog;

namespace Portal.Tokens.Reading;

/// <summary>An event of a token: the time (UTC), and the actor who caused it.</summary>
/// <param name="ById">The ID of a user or the handle of a token.</param>
public sealed record TokenEvent(DateTime At, string ById, string ByName);

/// <summary>The extension of a token, even if the catalog no longer contains it.</summary>
/// <param name="Extension">Null: the catalog no longer contains it.</param>
public sealed record TokenExtension(string Id, string Name, Extension? Extension)
{
    public bool Offered => Extension is not null;

    /// <summary>The label for users: <c>custom - EXT-000</c>.</summary>
    public string Label => $"{Extension?.Name ?? Name} - {Id}";
}

/// <summary>A module that a token may use.</summary>
public sealed record ModuleGrant(string ModuleId, string ModuleName, TokenEvent Granted);

/// <summary>The properties of a token for pages and the API, without its use and its keys. Pages also use
/// <see cref="TokenDetails"/>.</summary>
/// <param name="AllModules">Whether the token may use all modules, including those that are added later.</param>
/// <param name="Grants">The granted modules of the catalog, in its order; with all modules, every module.</param>
/// <param name="ExpiresAt">When the newest key ends, UTC; null: never.</param>
/// <param name="PreviousEndsAt">When the previous key ends, UTC; null: it no longer works, or there is none.</param>
/// <param name="Version">The version to pass when editing the token.</param>
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
    /// <summary>From when a pending token may be used, UTC; null: it isn't pending, or a person must enable it.</summary>
    public DateTime? StartsAt { get; init; }

    /// <summary>The days before the expiration at which people are told, as stored; null: as configured.</summary>
    public string? NoticeDays { get; init; }

    /// <summary>The number of modules of the catalog that the token may use.</summary>
    public int ModuleCount => Grants.Count;

    public ModuleChoice Choice => AllModules ? ModuleChoice.All : new ModuleChoice(false, [.. Grants.Select(grant => grant.ModuleId)]);
}

/// <summary>Part of a list of tokens.</summary>
/// <param name="Total">The total number of results.</param>
public sealed record TokenRecords(IReadOnlyList<TokenRecord> Tokens, int Total);
