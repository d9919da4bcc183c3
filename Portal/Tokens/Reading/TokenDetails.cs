using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>The properties of a token for pages, without its keys.</summary>
public sealed record TokenDetails : TokenRecord
{
    public TokenDetails(TokenRecord token) : base(token)
    {
    }

    public required StoredStatus StoredStatus { get; init; }

    /// <summary>The grant of all modules; null if the token is restricted to selected modules.</summary>
    public required TokenEvent? AllModulesGranted { get; init; }

    /// <summary>Every module of the catalog, followed by granted modules that the catalog no longer contains.</summary>
    public required IReadOnlyList<ModulePermission> Permissions { get; init; }

    /// <summary>The secrets that work, newest first.</summary>
    public required IReadOnlyList<LiveSecret> LiveSecrets { get; init; }

    /// <summary>Null: no owner.</summary>
    public OwnerName? Owner { get; init; }

    /// <summary>The email address for questions about the token; null: none.</summary>
    public string? Contact { get; init; }

    /// <summary>Why the token has no expiration; null: it has one, or no reason was given.</summary>
    public string? PerpetualReason { get; init; }

    public DateTime? DeletedAt { get; init; }

    /// <summary>The last use; null: never used.</summary>
    public LastUse? LastUse { get; init; }

    public RateLimitChoice RateLimit { get; init; }

    /// <summary>The effective limit; null if there is none.</summary>
    public RateLimit? Limit { get; init; }

    /// <summary>The handle of the token that created it; null: a user created it.</summary>
    public string? CreatorHandle { get; init; }

    /// <summary>The handle of the token that changed it last; null: a user did.</summary>
    public string? UpdaterHandle { get; init; }

    /// <summary>Whether keys that the token creates may end later than its own key.</summary>
    public bool MayOutlive { get; init; }

    /// <summary>Whether two keys work, and only the newer one was used since its creation: apparently, no client needs the previous one.</summary>
    public bool IsPreviousSafeToEnd =>
        LiveSecrets is [{ Slot: KeySlot.Newest, LastUsedAt: not null } newest, var previous]
        && (previous.LastUsedAt is null || previous.LastUsedAt < newest.CreatedAt);
}

/// <summary>A live secret of a token, without its value.</summary>
/// <param name="EndsAt">UTC; null: never.</param>
/// <param name="Fingerprint">The last four digits; null: unknown.</param>
public sealed record LiveSecret(KeySlot Slot, DateTime CreatedAt, DateTime? EndsAt, DateTime? LastUsedAt, string? Fingerprint = null)
{
    /// <summary>The number of requests with it on the current UTC day, including refused ones.</summary>
    public long RequestsToday { get; init; }
}

/// <summary>A module and whether the token may use it.</summary>
/// <param name="Granted">The individual grant; null: none, although all modules may be granted.</param>
/// <param name="Offered">Whether the catalog still contains the module. If not, it counts as not granted.</param>
public sealed record ModulePermission(string ModuleId, string ModuleName, bool Enabled, TokenEvent? Granted, DateTime? LastUsedAt, bool Offered);

/// <summary>The last request with a valid key.</summary>
/// <param name="Client">The user agent of the client; null: none.</param>
public sealed record LastUse(DateTime At, string? Address, string? ModuleName, string? Client = null);
