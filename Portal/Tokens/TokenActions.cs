using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>What an actor may do to a token in its present state: what menus offer and services allow.</summary>
public sealed record TokenActions(bool Edit, bool Enable, bool Disable, bool Rotate, bool Renew, bool Delete, bool Reveal)
{
    public bool Any => Edit || Enable || Disable || Rotate || Renew || Delete;

    /// <param name="expiresAt">When the newest secret ends; null: never.</param>
    public static TokenActions For(Actor actor, StoredStatus stored, TokenStatus shown, DateTime? expiresAt)
    {
        var alive = stored != StoredStatus.Deleted;
        var operates = alive && actor.May(Role.Operator);
        return new TokenActions(
            Edit: operates,
            Enable: operates && stored is (StoredStatus.Inactive or StoredStatus.Pending),
            Disable: operates && stored == StoredStatus.Active,
            Rotate: operates,
            Renew: operates && expiresAt is not null && shown != TokenStatus.Revitalised,
            Delete: alive && actor.May(Role.Administrator),
            Reveal: operates);
    }
}
