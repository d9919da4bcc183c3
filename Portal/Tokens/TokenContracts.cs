using Portal.Catalog;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>The modules that someone picked for a token.</summary>
/// <param name="AllModules">Every module, also later ones; <paramref name="ModuleIds"/> then does not matter.</param>
public sealed record ModuleChoice(bool AllModules, IReadOnlyCollection<string> ModuleIds)
{
    public static readonly ModuleChoice All = new(true, []);
}

/// <summary>What is needed to create a token.</summary>
/// <param name="CreationId">Made by the asker; asking twice with the same one creates once.</param>
/// <param name="ExpiresAt">UTC; null: never.</param>
/// <param name="Modules">Used when the extension asks; one with a set of its own overrules it.</param>
/// <param name="ModulesFollow">No module is fine too: they are granted one by one afterwards.</param>
public sealed record NewToken(
    Guid CreationId, string Name, string? ExternalId, string? Description, DateTime? ExpiresAt, string ExtensionId, ModuleChoice Modules,
    bool ModulesFollow = false)
{
    /// <summary>No expiration was asked for: it ends with the key of the token that creates it, if that ends.</summary>
    public bool EndsWithCreator { get; init; }
}

/// <summary>What can be edited of a token.</summary>
/// <param name="RateLimit">Null: stays as it is.</param>
/// <param name="MayOutlive">Whether keys that it makes may end later than it does itself; only an administrator changes it. Null: stays as it is.</param>
public sealed record TokenEdit(
    string Name, string? ExternalId, string? Description, ModuleChoice Modules, RateLimitChoice? RateLimit = null, bool? MayOutlive = null);

/// <summary>How a change to a token ended.</summary>
public abstract record TokenOutcome
{
    private TokenOutcome()
    {
    }

    /// <summary>It is durable, and in force for every request that starts from now on.</summary>
    /// <param name="Key">The new key, when one was made and can be shown.</param>
    /// <param name="PreviousEndsAt">When the key that it replaces stops working, UTC; null: no key was replaced.</param>
    public sealed record Done(string Handle, ApiKey? Key = null, DateTime? PreviousEndsAt = null) : TokenOutcome
    {
        /// <summary>The creation had been made by an earlier call; this call created nothing.</summary>
        public bool MadeEarlier { get; init; }

        /// <summary>The token was already as asked: nothing was written, and the version stays.</summary>
        public bool IsUnchanged { get; init; }

        /// <summary>By the token and its key: the rest tells how the call came to them.</summary>
        public bool Equals(Done? other) => other is not null && Handle == other.Handle && Equals(Key, other.Key);

        public override int GetHashCode() => HashCode.Combine(Handle, Key);
    }

    /// <summary>The account has no such token.</summary>
    public sealed record NotFound : TokenOutcome;

    /// <summary>The token's state does not allow it; the message says why and what to do.</summary>
    public sealed record Refused(string Message) : TokenOutcome;

    /// <summary>The actor would come by modules that it does not have itself; nothing was changed.</summary>
    public sealed record Forbidden(string Message) : TokenOutcome;

    /// <summary>A token asked for a key that would end later than its own; nothing was changed.</summary>
    public sealed record OutlivesCreator(string Message) : TokenOutcome;

    /// <summary>Fields are wrong; nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<Fault> Faults) : TokenOutcome;

    /// <summary>The token has a version that the <see cref="VersionCondition"/> rules out; nothing was changed.</summary>
    public sealed record PreconditionFailed : TokenOutcome;

    /// <summary>Someone else changed the token since it was read; nothing was changed.</summary>
    public sealed record Conflict(TokenDetails Current) : TokenOutcome;
}

/// <summary>How asking for a key ended.</summary>
public abstract record RevealOutcome
{
    private RevealOutcome()
    {
    }

    public sealed record Shown(ApiKey Key) : RevealOutcome;

    /// <summary>It cannot be shown; the message says why and what to do.</summary>
    public sealed record Unavailable(string Message) : RevealOutcome;
}

/// <summary>Which of a token's live keys is meant.</summary>
public enum KeySlot
{
    Newest,
    Previous,
}

/// <summary>Who did something to a token, and when (UTC).</summary>
public sealed record TokenEvent(DateTime At, string ByName);

/// <summary>A token's extension, also when the catalogue no longer has it.</summary>
/// <param name="Extension">Null: no longer offered.</param>
public sealed record TokenExtension(string Id, string Name, Extension? Extension)
{
    public bool Offered => Extension is not null;

    /// <summary><c>custom - EXT-000</c>.</summary>
    public string Label => $"{Extension?.Name ?? Name} - {Id}";
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

/// <summary>Everything about a token but its keys.</summary>
/// <param name="AllModulesGranted">Who granted all modules when; null: restricted to modules by name.</param>
/// <param name="ExpiresAt">UTC; null: perpetual.</param>
/// <param name="Limit">What is in force; null: no limit.</param>
/// <param name="Version">To be handed back when editing.</param>
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
    /// <summary>The handle of the token that created it; null: a person did.</summary>
    public string? CreatorHandle { get; init; }

    /// <summary>Whether keys that it makes may end later than it does itself.</summary>
    public bool MayOutlive { get; init; }

    /// <summary>Two keys live, and since there is the newer one only that was used: nobody is seen to need the previous one.</summary>
    public bool IsPreviousSafeToEnd =>
        LiveSecrets is [{ Slot: KeySlot.Newest, LastUsedAt: not null } newest, var previous]
        && (previous.LastUsedAt is null || previous.LastUsedAt < newest.CreatedAt);

    public bool HasAllModules => AllModulesGranted is not null;

    /// <summary>How many modules of the catalogue the token may use.</summary>
    public int ModuleCount => Permissions.Count(permission => permission.Enabled);

    public ModuleChoice Choice => new(
        HasAllModules, [.. Permissions.Where(permission => permission is { Offered: true, Granted: not null }).Select(permission => permission.ModuleId)]);
}
