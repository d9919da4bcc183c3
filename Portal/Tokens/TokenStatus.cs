using System.Linq.Expressions;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>The status of a token that users see. The API uses the names in lower case.</summary>
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

/// <summary>Derives the status from the stored values and the time. No other code does this.</summary>
/// <remarks>
/// The first that applies: deleted; inactive; pending; expired (no live secret); revitalised (the secret before the
/// newest one is still live); expiring (the newest one ends within the window); active. A secret is live until its end.
/// </remarks>
/// <param name="Now">The time for which the status is derived, UTC.</param>
/// <param name="ExpiringBefore">The end of the window. A key that ends at or before this time is expiring.</param>
public sealed record StatusClock(DateTime Now, DateTime ExpiringBefore)
{
    public static StatusClock At(DateTime now, TokenOptions options) => new(now, now.AddDays(options.ExpiringWithinDays));

    /// <summary>The status of one token.</summary>
    public TokenStatus Of(StoredStatus stored, DateTime? expiresAt, DateTime? previousEndsAt) =>
        Of(stored, expiresAt?.Ticks ?? long.MaxValue, previousEndsAt?.Ticks ?? 0);

    /// <summary>The same for very many tokens.</summary>
    /// <param name="expires">The ticks of the end; the largest number for a perpetual token.</param>
    /// <param name="previousEnds">The ticks of the end of the secret before; 0 for none.</param>
    internal TokenStatus Of(StoredStatus stored, long expires, long previousEnds) => stored switch
    {
        StoredStatus.Deleted => TokenStatus.Deleted,
        StoredStatus.Inactive => TokenStatus.Inactive,
        StoredStatus.Pending => TokenStatus.Pending,
        _ when previousEnds > Now.Ticks => TokenStatus.Revitalised,
        _ when expires <= Now.Ticks => TokenStatus.Expired,
        _ when expires <= ExpiringBefore.Ticks => TokenStatus.Expiring,
        _ => TokenStatus.Active,
    };

    /// <summary>The same rule as an expression for the database, to filter and sort by.</summary>
    public Expression<Func<Token, TokenStatus>> Expression =>
        token =>
            token.Status == StoredStatus.Deleted ? TokenStatus.Deleted
            : token.Status == StoredStatus.Inactive ? TokenStatus.Inactive
            : token.Status == StoredStatus.Pending ? TokenStatus.Pending
            : token.PreviousEndsAt > Now ? TokenStatus.Revitalised
            : token.ExpiresAt <= Now ? TokenStatus.Expired
            : token.ExpiresAt <= ExpiringBefore ? TokenStatus.Expiring
            : TokenStatus.Active;

    /// <summary>The same rule as comparisons that can use an index: whether a token has the status.</summary>
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
