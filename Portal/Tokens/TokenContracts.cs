using Portal.Tokens.Reading;

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
