using Portal.Data;
using Portal.Policies;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

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
    /// <summary>Null: the user who creates the token or, for a token that a program creates, the owner of the program's token.</summary>
    public OwnerChoice? Owner { get; init; }

    /// <summary>The email address for questions about the token; null: none.</summary>
    public string? Contact { get; init; }

    /// <summary>Whether the caller gave no expiration. The key then gets the latest one that its creator and the policy allow; without a limit, none.</summary>
    public bool EndsWithCreator { get; init; }

    /// <summary>From when the token may be used, UTC; null: at once. Until then it is pending.</summary>
    public DateTime? StartsAt { get; init; }

    public RateLimitChoice RateLimit { get; init; }

    /// <summary>Why the token has no expiration; ignored if it has one. Null: no reason.</summary>
    public string? PerpetualReason { get; init; }

    /// <summary>The days of notice as typed, see <see cref="Tokens.NoticeDays"/>; null: as configured.</summary>
    public string? NoticeDays { get; init; }

    /// <summary>The only addresses that may use the token, as the user entered them; empty: no IP rules of its own. Only an administrator can
    /// set them.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Stores a request if the token needs approval; null: nothing is stored then.</summary>
    public ApprovalAsk? Ask { get; init; }
}

/// <summary>The properties of a token that can be edited.</summary>
/// <param name="RateLimit">Null: unchanged.</param>
/// <param name="MayOutlive">Whether keys that the token creates may end later than its own key. Only an administrator can change it. Null: unchanged.</param>
public sealed record TokenEdit(
    string Name, string? ExternalId, string? Description, ModuleChoice Modules, RateLimitChoice? RateLimit = null, bool? MayOutlive = null)
{
    /// <summary>Null: unchanged.</summary>
    public OwnerChoice? Owner { get; init; }

    /// <summary>The email address for questions about the token; empty: none; null: unchanged.</summary>
    public string? Contact { get; init; }

    /// <summary>Why the token has no expiration; ignored if it has one. Empty: no reason; null: unchanged.</summary>
    public string? PerpetualReason { get; init; }

    /// <summary>The days of notice as typed, see <see cref="Tokens.NoticeDays"/>; null: unchanged.</summary>
    public string? NoticeDays { get; init; }

    /// <summary>The new start of a pending token, UTC; null: unchanged.</summary>
    public DateTime? StartsAt { get; init; }

    /// <summary>Stores a request if the change needs approval; null: nothing is stored then.</summary>
    public ApprovalAsk? Ask { get; init; }
}

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
        public bool WasCreatedEarlier { get; init; }

        /// <summary>The version that the change left, for a <see cref="VersionCondition"/> that refuses to overwrite later changes; null: nothing was
        /// written.</summary>
        public Guid? Version { get; init; }

        /// <summary>The token already had these values: nothing was written, and its version is unchanged.</summary>
        public bool IsUnchanged { get; init; }

        /// <summary>The token after the call; null if an earlier call created it.</summary>
        public TokenRecord? Record { get; init; }

        /// <summary>What a deletion changed, with which it can be undone; null: the change wasn't one.</summary>
        internal FormerToken? Former { get; init; }

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

    /// <summary>The policy lets an administrator decide about the change, and the person didn't ask for it. Nothing was changed.</summary>
    /// <param name="Message">The rules that require it, and what to do.</param>
    public sealed record NeedsApproval(ApprovalNeed Need, string Message) : TokenOutcome
    {
        internal ApprovalDraft? Draft { get; init; }
    }

    /// <summary>The change waits for approval. Nothing else was changed.</summary>
    public sealed record Requested(long RequestId) : TokenOutcome
    {
        /// <summary>The person had already requested it. This call stored nothing.</summary>
        public bool IsEarlier { get; init; }
    }

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
