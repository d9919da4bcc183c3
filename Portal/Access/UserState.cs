namespace Portal.Access;

/// <summary>The stored facts about a user that access depends on.</summary>
/// <param name="Name">The name that tokens and the audit log show.</param>
/// <param name="Role">The highest role of the user; <see cref="Role.Viewer"/> if the user has none.</param>
/// <param name="SecurityStamp">Changes when an administrator or a new password ends all sessions.</param>
/// <param name="IsLockedOut">Whether an administrator has disabled the user.</param>
/// <param name="Sessions">The sessions that haven't ended, by ID, and when the person last proved who they are, in UTC.</param>
public sealed record UserState(string AccountId, string Name, Role Role, string? SecurityStamp, bool IsLockedOut, IReadOnlyDictionary<string, DateTime> Sessions)
{
    /// <summary>Whether the session of <paramref name="actor"/> is still valid. Any change of the role ends it.</summary>
    public bool IsSessionValid(Actor actor) =>
        !IsLockedOut && AccountId == actor.AccountId && Role == actor.Role && SecurityStamp is { Length: > 0 } && SecurityStamp == actor.SecurityStamp
        && (actor.SessionId is null || Sessions.ContainsKey(actor.SessionId));
}
