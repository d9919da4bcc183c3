using Portal.Data;

namespace Portal.Tokens.Bulk;

/// <summary>The reason why a bulk action leaves a token out.</summary>
public enum BulkSkip
{
    Deleted,
    AlreadyEnabled,
    AlreadyDisabled,

    /// <summary>It isn't enabled yet, so there is nothing to disable.</summary>
    Pending,

    /// <summary>It has no expiration, so there is nothing to renew.</summary>
    NoExpiration,

    /// <summary>It already has two valid keys, so it can't be renewed.</summary>
    TwoKeys,

    /// <summary>A rotated key keeps its expiration, which is in the past.</summary>
    Expired,

    /// <summary>Its key is valid for longer than the selected expiration.</summary>
    LastsLonger,

    /// <summary>Its key ends before the selected expiration anyway.</summary>
    EndsEarlier,

    /// <summary>It was pending before it was enabled, and can't be pending again.</summary>
    WasPending,
}

/// <summary>A token that someone selected for a bulk action.</summary>
/// <param name="ExpiresAt">When the newest key ends, UTC; null: never.</param>
/// <param name="HasTwoKeys">Whether the previous key still works.</param>
/// <param name="Version">The version that the person saw. The action changes no other version.</param>
/// <param name="Skip">Why the action leaves it out; null: it applies.</param>
public sealed record BulkToken(
    string Handle, string Name, string? ExternalId, TokenStatus Status, DateTime? ExpiresAt, bool HasTwoKeys, DateTime? LastUsedAt, Guid Version, BulkSkip? Skip)
{
    /// <summary>Whether its newest key works, so that programs can fail when it ends.</summary>
    public bool Works => Status is not (TokenStatus.Deleted or TokenStatus.Inactive or TokenStatus.Pending or TokenStatus.Expired);

    /// <summary>Decides whether an action applies to a token, as menus do for a single one.</summary>
    internal static BulkSkip? SkipFor(TokenAction action, TokenState token, DateTime now) =>
        token.Stored == StoredStatus.Deleted ? BulkSkip.Deleted
        : action.IsOffered(token) ? action == TokenAction.Rotate && token.ExpiresAt <= now ? BulkSkip.Expired : null
        : action == TokenAction.Enable ? BulkSkip.AlreadyEnabled
        : action == TokenAction.Disable ? token.Stored == StoredStatus.Pending ? BulkSkip.Pending : BulkSkip.AlreadyDisabled
        : token.ExpiresAt is null ? BulkSkip.NoExpiration
        : BulkSkip.TwoKeys;
}

/// <summary>The tokens of a selection.</summary>
/// <param name="Total">The number of tokens that the selection finds now.</param>
/// <param name="Tokens">Empty if there are more than <see cref="BulkSelection.Most"/>.</param>
public sealed record SelectedTokens(int Total, IReadOnlyList<BulkToken> Tokens)
{
    public bool AreTooMany => Total > BulkSelection.Most;
}
