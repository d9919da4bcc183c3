namespace Portal.Access;

/// <summary>The stored facts about a user that access depends on.</summary>
/// <param name="Role">The highest role of the user; <see cref="Role.Viewer"/> if the user has none.</param>
/// <param name="SecurityStamp">Changes when the user signs out or gets a new password.</param>
/// <param name="IsLockedOut">Whether an administrator has locked the user out.</param>
public sealed record UserState(string AccountId, Role Role, string? SecurityStamp, bool IsLockedOut)
{
    /// <summary>Whether the session of <paramref name="actor"/> is still valid. Any change of the role ends it.</summary>
    public bool IsSessionValid(Actor actor) =>
        !IsLockedOut && AccountId == actor.AccountId && Role == actor.Role && SecurityStamp is { Length: > 0 } && SecurityStamp == actor.SecurityStamp;
}
