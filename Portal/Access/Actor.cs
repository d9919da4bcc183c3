namespace Portal.Access;

/// <summary>The permissions of a user or token. Each role includes the roles before it.</summary>
public enum Role
{
    /// <summary>Sees lists, details, statistics and permissions.</summary>
    Viewer,

    /// <summary>Also creates, edits, enables, disables, rotates and renews tokens, and views keys.</summary>
    Operator,

    /// <summary>Also deletes tokens, and manages IP rules and settings.</summary>
    Administrator,
}

public enum ActorKind
{
    User,
    Token,
    System,
}

/// <summary>The caller of a service. It is passed explicitly, because a circuit has no reliable <c>HttpContext</c>.</summary>
/// <param name="Kind">A person, a token, or Portal itself.</param>
/// <param name="Id">The user's id or the token's handle.</param>
/// <param name="Name">The name that tokens and the audit log show.</param>
/// <param name="AccountId">The only account whose data the actor can access.</param>
/// <param name="Role">What the actor may do in that account.</param>
public sealed record Actor(ActorKind Kind, string Id, string Name, string AccountId, Role Role)
{
    /// <summary>The modules that the actor may grant. It can change only tokens that have no other modules; null: all,
    /// including those that are added later.</summary>
    public IReadOnlySet<string>? OnlyModules { get; init; }

    /// <summary>For users: the security stamp at sign-in. The session ends if the stored one differs.</summary>
    public string? SecurityStamp { get; init; }

    /// <summary>For users: the ID of the session. Null: it began before Portal stored sessions, and only the security stamp ends it.</summary>
    public string? SessionId { get; init; }

    /// <summary>The ID of the secret that the token called with; null: the actor isn't a token.</summary>
    public long? KeyId { get; init; }

    /// <summary>The IP address from which the actor called, for the audit log; null: unknown, or Portal itself.</summary>
    public string? Address { get; init; }

    /// <summary>The ID of the bulk action of which the actor's changes are part, so that their audit entries can be found together; null: none.</summary>
    public Guid? BulkId { get; init; }

    /// <summary>The name of the person whose request the actor approves, so that the audit entries of the change name both; null: the actor acts for
    /// themselves.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Portal itself, for what it does without a request.</summary>
    public static Actor OfPortal(string accountId) => new(ActorKind.System, "portal", "Portal", accountId, Role.Viewer);

    public bool May(Role role) => Role >= role;

    /// <exception cref="AccessDeniedException">The actor's role is below <paramref name="role"/>.</exception>
    public void Require(Role role)
    {
        if (!May(role))
            throw new AccessDeniedException(role);
    }

    /// <summary>Omits the security stamp, which must not appear in logs.</summary>
    public override string ToString() => $"{Kind} {Id} of {AccountId}, {Role}";
}

/// <summary>The role of the actor doesn't allow the action. Pages hide actions that aren't allowed, so they normally don't cause it.</summary>
public class AccessDeniedException(Role needed, string? message = null)
    : Exception(message ?? $"This requires the role {needed}. Ask an administrator of your account for it.")
{
    /// <summary>The lowest role that allows the action.</summary>
    public Role Needed => needed;
}

/// <summary>The policy requires a second factor that the person hasn't set up in time. Until then, they can only use their profile.</summary>
public sealed class SecondFactorNeededException() : AccessDeniedException(Role.Viewer, "Set up a second factor in your profile first.");

/// <summary>The action needs a recent proof of who the person is. Pages ask for it and repeat the action.</summary>
public sealed class ProofNeededException() : Exception("Confirm that it is you, and then repeat the action.");

/// <summary>The session has ended: the user signed out or ended it, was disabled or removed, or has a new role or password.</summary>
public sealed class SessionEndedException() : Exception("Your session has ended. Sign in again to continue.");
