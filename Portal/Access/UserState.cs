namespace Portal.Access;

/// <summary>The stored facts about a user that access depends on.</summary>
/// <param name="Name">The name that tokens and the audit log show.</param>
/// <param name="Role">The highest role of the user; <see cref="Role.Viewer"/> if the user has none.</param>
/// <param name="SecurityStamp">Changes when an administrator or a new password ends all sessions.</param>
/// <param name="IsLockedOut">Whether an administrator has disabled the user.</param>
/// <param name="Sessions">The sessions that haven't ended, by ID, and when the person last proved who they are, in UTC.</param>
public sealed record UserState(string AccountId, string Name, Role Role, string? SecurityStamp, bool IsLockedOut, IReadOnlyDictionary<string, DateTime> Sessions)
{
    /// <summary>Until when the user must set up a second factor, in UTC; null: they have one, or need none.</summary>
    public DateTime? SecondFactorDueAt { get; init; }

    /// <summary>The sessions that an identity provider started. The provider decides about second factors there.</summary>
    public IReadOnlySet<string> ProviderSessions { get; init; } = new HashSet<string>();

    /// <summary>Until when the user must set up a second factor to continue in this session, in UTC; null: not required.</summary>
    public DateTime? FindSecondFactorDue(Actor actor) =>
        actor.SessionId is { } session && ProviderSessions.Contains(session) ? null : SecondFactorDueAt;

    public bool IsSecondFactorOverdue(Actor actor, DateTime now) => FindSecondFactorDue(actor) <= now;

    /// <summary>Whether the session of <paramref name="actor"/> is still valid. Any change of the role ends it.</summary>
    public bool IsSessionValid(Actor actor) =>
        !IsLockedOut && AccountId == actor.AccountId && Role == actor.Role && SecurityStamp is { Length: > 0 } && SecurityStamp == actor.SecurityStamp
        && (actor.SessionId is null || Sessions.ContainsKey(actor.SessionId));
}
