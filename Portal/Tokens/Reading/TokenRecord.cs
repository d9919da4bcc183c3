namespace Portal.Tokens.Reading;

/// <summary>Who created, changed or granted something, and when (UTC).</summary>
/// <param name="ById">The ID of a user or the handle of a token.</param>
public sealed record TokenAct(DateTime At, string ById, string ByName);

/// <summary>A module that a token may use.</summary>
public sealed record ModuleGrant(string ModuleId, string ModuleName, TokenAct Granted);

/// <summary>A token as the API shows it, without its use and its keys.</summary>
/// <param name="Grants">The granted modules, in the order of the catalog; with all modules, every module.</param>
/// <param name="ExpiresAt">When the newest key ends, UTC; null: never.</param>
/// <param name="PreviousEndsAt">When the key before it ends, UTC; null: no previous key is live.</param>
/// <param name="Version">Pass it back when you edit the token.</param>
public sealed record TokenRecord(
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
    TokenAct Created,
    TokenAct Updated,
    Guid Version)
{
    public ModuleChoice Choice => AllModules ? ModuleChoice.All : new ModuleChoice(false, [.. Grants.Select(grant => grant.ModuleId)]);
}

/// <summary>Part of a list of tokens.</summary>
/// <param name="Total">The total number of results.</param>
public sealed record TokenRecords(IReadOnlyList<TokenRecord> Tokens, int Total);
