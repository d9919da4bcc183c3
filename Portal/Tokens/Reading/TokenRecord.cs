namespace Portal.Tokens.Reading;

/// <summary>Who did something to a token, and when (UTC).</summary>
/// <param name="ById">A user's id or a token's handle.</param>
public sealed record TokenAct(DateTime At, string ById, string ByName);

/// <summary>A module that a token may use.</summary>
public sealed record ModuleGrant(string ModuleId, string ModuleName, TokenAct Granted);

/// <summary>A token as programs are told of it: what it is, without how it was used and without keys.</summary>
/// <param name="Grants">Modules of the catalogue in its order; with all modules, every one.</param>
/// <param name="ExpiresAt">When the newest key ends, UTC; null: never.</param>
/// <param name="PreviousEndsAt">When the key before it ends, UTC; null: no such key lives.</param>
/// <param name="Version">To be handed back when editing.</param>
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
/// <param name="Total">How many there are in all.</param>
public sealed record TokenRecords(IReadOnlyList<TokenRecord> Tokens, int Total);
