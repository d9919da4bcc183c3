using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>Everything about a token but its keys: what screens show of one.</summary>
public sealed record TokenDetails : TokenRecord
{
    public TokenDetails(TokenRecord token) : base(token)
    {
    }

    public required StoredStatus StoredStatus { get; init; }

    /// <summary>The grant of all modules; null if the token is restricted to selected modules.</summary>
    public required TokenEvent? AllModulesGranted { get; init; }

    /// <summary>Every module of the catalogue, then what was granted once and is offered no longer.</summary>
    public required IReadOnlyList<ModulePermission> Permissions { get; init; }

    /// <summary>The newest first.</summary>
    public required IReadOnlyList<LiveSecret> LiveSecrets { get; init; }

    public DateTime? DeletedAt { get; init; }

    /// <summary>Null: it was never used.</summary>
    public LastUse? LastUse { get; init; }

    public RateLimitChoice RateLimit { get; init; }

    /// <summary>The effective limit; null if there is none.</summary>
    public RateLimit? Limit { get; init; }

    /// <summary>The handle of the token that created it; null: a person did.</summary>
    public string? CreatorHandle { get; init; }

    /// <summary>Whether keys that it makes may end later than it does itself.</summary>
    public bool MayOutlive { get; init; }

    /// <summary>Two keys live, and since there is the newer one only that was used: nobody is seen to need the previous one.</summary>
    public bool IsPreviousSafeToEnd =>
        LiveSecrets is [{ Slot: KeySlot.Newest, LastUsedAt: not null } newest, var previous]
        && (previous.LastUsedAt is null || previous.LastUsedAt < newest.CreatedAt);
}

/// <summary>A live secret, without the secret.</summary>
/// <param name="EndsAt">UTC; null: never.</param>
public sealed record LiveSecret(KeySlot Slot, DateTime CreatedAt, DateTime? EndsAt, DateTime? LastUsedAt);

/// <summary>A module and whether the token may use it.</summary>
/// <param name="Granted">Null: not granted by name (it may still be covered by all modules).</param>
/// <param name="Offered">False: granted once, but the catalogue no longer has it; it counts as not granted.</param>
public sealed record ModulePermission(string ModuleId, string ModuleName, bool Enabled, TokenEvent? Granted, DateTime? LastUsedAt, bool Offered);

/// <summary>The last request that came with a right key.</summary>
/// <param name="Client">What the program calls itself, its user agent; null: nothing.</param>
public sealed record LastUse(DateTime At, string? Address, string? ModuleName, string? Client = null);
