using Portal.Access;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>The actions that an actor may take on a token in its current state. Menus offer these, and services allow these.</summary>
public sealed record TokenActions(bool Edit, bool Enable, bool Disable, bool Rotate, bool Renew, bool EndPrevious, bool Delete, bool Reveal)
{
    public bool Any => Edit || Enable || Disable || Rotate || Renew || Delete;

    /// <summary>Returns the actions for a token that was read.</summary>
    public static TokenActions For(Actor actor, TokenDetails token) => For(
        actor, token.StoredStatus, token.ExpiresAt, previousLives: token.LiveSecrets.Any(secret => secret.Slot == KeySlot.Previous));

    /// <param name="expiresAt">When the newest secret ends; null: never.</param>
    /// <param name="previousLives">Whether the secret before the newest one is still accepted, or would be if the token were enabled.</param>
    internal static TokenActions For(Actor actor, StoredStatus stored, DateTime? expiresAt, bool previousLives)
    {
        var alive = stored != StoredStatus.Deleted;
        var operates = alive && actor.May(Role.Operator);
        return new TokenActions(
            Edit: operates,
            Enable: operates && stored is (StoredStatus.Inactive or StoredStatus.Pending),
            Disable: operates && stored == StoredStatus.Active,
            Rotate: operates,
            Renew: operates && expiresAt is not null && !previousLives,
            EndPrevious: operates && previousLives,
            Delete: alive && actor.May(Role.Administrator),
            Reveal: operates);
    }
}
