using System.Linq.Expressions;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>A token's status as shown. The names in lower case are the wire's.</summary>
public enum TokenStatus
{
    Active,
    Expiring,
    Revitalised,
    Expired,
    Pending,
    Inactive,
    Deleted,
}

/// <summary>How the shown status follows from what is stored and the clock: the one place where this is settled.</summary>
/// <remarks>
/// The first that holds: deleted; inactive; pending; expired (no live secret); revitalised (the secret before the
/// newest one still lives); expiring (the newest one ends within the window); active. A secret lives while the moment is before its end.
/// </remarks>
/// <param name="Now">The moment asked about, UTC.</param>
/// <param name="ExpiringBefore">The end of the window: a key that ends up to then is expiring.</param>
public sealed record StatusClock(DateTime Now, DateTime ExpiringBefore)
{
    public static StatusClock At(DateTime now, TokenOptions options) => new(now, now.AddDays(options.ExpiringWithinDays));

    /// <summary>The status of one token.</summary>
    public TokenStatus Of(StoredStatus stored, DateTime? expiresAt, DateTime? previousEndsAt) => stored switch
    {
        StoredStatus.Deleted => TokenStatus.Deleted,
        StoredStatus.Inactive => TokenStatus.Inactive,
        StoredStatus.Pending => TokenStatus.Pending,
        _ when previousEndsAt > Now => TokenStatus.Revitalised,
        _ when expiresAt <= Now => TokenStatus.Expired,
        _ when expiresAt <= ExpiringBefore => TokenStatus.Expiring,
        _ => TokenStatus.Active,
    };

    /// <summary>The same rule as a value that the database can compute, to filter and order by.</summary>
    public Expression<Func<Token, TokenStatus>> Expression =>
        token =>
            token.Status == StoredStatus.Deleted ? TokenStatus.Deleted
            : token.Status == StoredStatus.Inactive ? TokenStatus.Inactive
            : token.Status == StoredStatus.Pending ? TokenStatus.Pending
            : token.PreviousEndsAt > Now ? TokenStatus.Revitalised
            : token.ExpiresAt <= Now ? TokenStatus.Expired
            : token.ExpiresAt <= ExpiringBefore ? TokenStatus.Expiring
            : TokenStatus.Active;

    /// <summary>Whether a token has the status: the same rule once more, in comparisons that an index can answer.</summary>
    public Expression<Func<Token, bool>> Is(TokenStatus status) => status switch
    {
        TokenStatus.Deleted => token => token.Status == StoredStatus.Deleted,
        TokenStatus.Inactive => token => token.Status == StoredStatus.Inactive,
        TokenStatus.Pending => token => token.Status == StoredStatus.Pending,
        TokenStatus.Revitalised => token => token.Status == StoredStatus.Active && token.PreviousEndsAt != null && token.PreviousEndsAt > Now,
        TokenStatus.Expired => token => token.Status == StoredStatus.Active && (token.PreviousEndsAt == null || token.PreviousEndsAt <= Now)
            && token.ExpiresAt != null && token.ExpiresAt <= Now,
        TokenStatus.Expiring => token => token.Status == StoredStatus.Active && (token.PreviousEndsAt == null || token.PreviousEndsAt <= Now)
            && token.ExpiresAt != null && token.ExpiresAt > Now && token.ExpiresAt <= ExpiringBefore,
        TokenStatus.Active => token => token.Status == StoredStatus.Active && (token.PreviousEndsAt == null || token.PreviousEndsAt <= Now)
            && (token.ExpiresAt == null || token.ExpiresAt > ExpiringBefore),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown status."),
    };
}
