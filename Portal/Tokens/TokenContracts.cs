using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>The modules that a user or program selects for a token.</summary>
/// <param name="AllModules">All modules, including those that are added later. <paramref name="ModuleIds"/> is then ignored.</param>
public sealed record ModuleChoice(bool AllModules, IReadOnlyCollection<string> ModuleIds)
{
    public static readonly ModuleChoice All = new(true, []);
}

/// <summary>The input for creating a token.</summary>
/// <param name="CreationId">Chosen by the caller. Two calls with the same ID create one token.</param>
/// <param name="ExpiresAt">UTC; null: never.</param>
/// <param name="Modules">Used if the extension lets the caller select modules. An extension with a fixed set overrides it.</param>
/// <param name="ModulesFollow">Allows a token without modules, because the caller grants them afterwards.</param>
public sealed record NewToken(
    Guid CreationId, string Name, string? ExternalId, string? Description, DateTime? ExpiresAt, string ExtensionId, ModuleChoice Modules,
    bool ModulesFollow = false)
{
    /// <summary>The caller gave no expiration: the key ends together with the key of the token that creates it, if that key expires.</summary>
    public bool EndsWithCreator { get; init; }
}

/// <summary>The properties of a token that can be edited.</summary>
/// <param name="RateLimit">Null: unchanged.</param>
/// <param name="MayOutlive">Whether keys that the token creates may end later than its own key. Only an administrator can change it. Null: unchanged.</param>
public sealed record TokenEdit(
    string Name, string? ExternalId, string? Description, ModuleChoice Modules, RateLimitChoice? RateLimit = null, bool? MayOutlive = null);

/// <summary>The outcome of a change to a token.</summary>
public abstract record TokenOutcome
{
    private TokenOutcome()
    {
    }

    /// <summary>The change is durable and applies to every request that starts after it.</summary>
    /// <param name="Key">The new key, if the change created one and it can be shown.</param>
    /// <param name="PreviousEndsAt">When the key that it replaces stops working, UTC; null: no key was replaced.</param>
    public sealed record Done(string Handle, ApiKey? Key = null, DateTime? PreviousEndsAt = null) : TokenOutcome
    {
        /// <summary>An earlier call with the same ID created the token. This call created nothing.</summary>
        public bool MadeEarlier { get; init; }

        /// <summary>The token already had these values: nothing was written, and its version is unchanged.</summary>
        public bool IsUnchanged { get; init; }

        /// <summary>Compares the token and its key. The other properties only describe how the call produced them.</summary>
        public bool Equals(Done? other) => other is not null && Handle == other.Handle && Equals(Key, other.Key);

        public override int GetHashCode() => HashCode.Combine(Handle, Key);
    }

    /// <summary>The account has no such token.</summary>
    public sealed record NotFound : TokenOutcome;

    /// <summary>The state of the token doesn't allow the change. The message says why, and what to do.</summary>
    public sealed record Refused(string Message) : TokenOutcome;

    /// <summary>The change would give the actor access to modules that it doesn't have. Nothing was changed.</summary>
    public sealed record Forbidden(string Message) : TokenOutcome;

    /// <summary>A token requested a key that would end later than its own. Nothing was changed.</summary>
    public sealed record OutlivesCreator(string Message) : TokenOutcome;

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<Fault> Faults) : TokenOutcome;

    /// <summary>The version of the token doesn't meet the <see cref="VersionCondition"/>. Nothing was changed.</summary>
    public sealed record PreconditionFailed : TokenOutcome;

    /// <summary>Someone else changed the token after it was read. Nothing was changed.</summary>
    public sealed record Conflict(TokenDetails Current) : TokenOutcome;
}

/// <summary>The outcome of a request to view or copy a key.</summary>
public abstract record RevealOutcome
{
    private RevealOutcome()
    {
    }

    public sealed record Shown(ApiKey Key) : RevealOutcome;

    /// <summary>The key can't be shown. The message says why, and what to do.</summary>
    public sealed record Unavailable(string Message) : RevealOutcome;
}

/// <summary>Identifies one of the live keys of a token.</summary>
public enum KeySlot
{
    Newest,
    Previous,
}

/// <summary>Who created, changed or granted something, and when (UTC).</summary>
public sealed record TokenEvent(DateTime At, string ByName);

/// <summary>The extension of a token, which the catalog may no longer contain.</summary>
/// <param name="Extension">Null: no longer offered.</param>
public sealed record TokenExtension(string Id, string Name, Extension? Extension)
{
    public bool Offered => Extension is not null;

    /// <summary><c>custom - EXT-000</c>.</summary>
    public string Label => $"{Extension?.Name ?? Name} - {Id}";
}

/// <summary>The properties of a live key, without its secret.</summary>
/// <param name="EndsAt">UTC; null: never.</param>
public sealed record LiveSecret(KeySlot Slot, DateTime CreatedAt, DateTime? EndsAt, DateTime? LastUsedAt);

/// <summary>A module and whether the token may use it.</summary>
/// <param name="Granted">Null: not granted individually. A grant of all modules may still cover it.</param>
/// <param name="Offered">False: it was granted, but the catalog no longer contains it, so the grant has no effect.</param>
public sealed record ModulePermission(string ModuleId, string ModuleName, bool Enabled, TokenEvent? Granted, DateTime? LastUsedAt, bool Offered);

/// <summary>The latest request with a valid key.</summary>
/// <param name="Client">The user agent; null: none.</param>
public sealed record LastUse(DateTime At, string? Address, string? ModuleName, string? Client = null);

/// <summary>All properties of a token except its keys.</summary>
/// <param name="AllModulesGranted">Who granted all modules, and when; null: the token has individual modules.</param>
/// <param name="ExpiresAt">UTC; null: perpetual.</param>
/// <param name="Limit">The limit that applies; null: no limit.</param>
/// <param name="Version">Pass it back when you edit the token.</param>
public sealed record TokenDetails(
    string Handle,
    string Name,
    string? ExternalId,
    string? Description,
    TokenStatus Status,
    StoredStatus StoredStatus,
    TokenExtension Extension,
    TokenEvent? AllModulesGranted,
    IReadOnlyList<ModulePermission> Permissions,
    DateTime? ExpiresAt,
    IReadOnlyList<LiveSecret> LiveSecrets,
    TokenEvent Created,
    TokenEvent Updated,
    DateTime? DeletedAt,
    LastUse? LastUse,
    RateLimitChoice RateLimit,
    RateLimit? Limit,
    Guid Version)
{
    /// <summary>The handle of the token that created it; null: a user created it.</summary>
    public string? CreatorHandle { get; init; }

    /// <summary>Whether keys that the token creates may end later than its own key.</summary>
    public bool MayOutlive { get; init; }

    /// <summary>Two keys are live, and only the newer key has been used since it was created. No program seems to need the previous key.</summary>
    public bool IsPreviousSafeToEnd =>
        LiveSecrets is [{ Slot: KeySlot.Newest, LastUsedAt: not null } newest, var previous]
        && (previous.LastUsedAt is null || previous.LastUsedAt < newest.CreatedAt);

    public bool HasAllModules => AllModulesGranted is not null;

    /// <summary>The number of modules of the catalog that the token may use.</summary>
    public int ModuleCount => Permissions.Count(permission => permission.Enabled);

    public ModuleChoice Choice => new(
        HasAllModules, [.. Permissions.Where(permission => permission is { Offered: true, Granted: not null }).Select(permission => permission.ModuleId)]);
}
