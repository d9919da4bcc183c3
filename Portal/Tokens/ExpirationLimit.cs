using System.Globalization;

namespace Portal.Tokens;

/// <summary>The latest end of a key that a token creates, for itself or for another token.</summary>
/// <remarks>Without it, a token with an expiration could renew itself forever, and so could anyone who copied its key.</remarks>
/// <param name="Handle">The token that creates the key.</param>
/// <param name="Latest">When the key that it called with ends, UTC.</param>
internal sealed record ExpirationLimit(string Handle, DateTime Latest)
{
    /// <param name="expiresAt">UTC; null: never.</param>
    /// <returns>Null: allowed.</returns>
    public TokenOutcome.OutlivesCreator? Check(DateTime? expiresAt) => expiresAt <= Latest ? null : new(
        $"The key that {Handle} called with ends at {Write(Latest)}, and the keys that it creates can't end later. "
        + $"Request an earlier expiration, or ask an administrator to allow {Handle} to create keys that outlive it.");

    private static string Write(DateTime moment) => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'+00:00'", CultureInfo.InvariantCulture);
}
