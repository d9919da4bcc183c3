namespace Portal.Access;

/// <summary>What someone may do; each role may do all that the ones before it may.</summary>
public enum Role
{
    /// <summary>Sees lists, details, statistics and permissions.</summary>
    Viewer,

    /// <summary>Also creates, edits, enables, disables, rotates and renews tokens, and views keys.</summary>
    Operator,

    /// <summary>Also deletes and restores tokens, and rules over people and settings.</summary>
    Administrator,
}

public enum ActorKind
{
    User,
    Token,
    System,
}

/// <summary>Who asks a service for something: passed explicitly, because a circuit has no dependable request.</summary>
/// <param name="Kind">A person, a token, or Portal itself.</param>
/// <param name="Id">The user's id or the token's handle.</param>
/// <param name="Name">The name that "created by" and the audit show.</param>
/// <param name="AccountId">The account whose things the actor sees; there is no other.</param>
/// <param name="Role">What the actor may do in that account.</param>
public sealed record Actor(ActorKind Kind, string Id, string Name, string AccountId, Role Role)
{
    /// <summary>The modules that the actor may grant, and beyond which a token must not go for the actor to change it; null: all,
    /// also those that the catalogue gains later.</summary>
    public IReadOnlySet<string>? OnlyModules { get; init; }

    /// <summary>Of a person: the security stamp that the session began with. The session ends when the stored one differs.</summary>
    public string? SecurityStamp { get; init; }

    /// <summary>Which of its secrets a token called with; null: the actor is no token.</summary>
    public long? KeyId { get; init; }

    public bool May(Role role) => Role >= role;

    /// <exception cref="AccessDeniedException">The actor's role is below <paramref name="role"/>.</exception>
    public void Require(Role role)
    {
        if (!May(role))
            throw new AccessDeniedException(role);
    }

    /// <summary>Leaves out the security stamp, which is nobody's business in a log.</summary>
    public override string ToString() => $"{Kind} {Id} of {AccountId}, {Role}";
}

/// <summary>A service was asked for more than the actor's role allows. A page that hides what is not allowed never meets it.</summary>
public sealed class AccessDeniedException(Role needed)
    : Exception($"This requires the role {needed}. Ask an administrator of your account for it.");

/// <summary>The session that an action belongs to has ended: the person signed out, was locked or deleted, or got another role or
/// password.</summary>
public sealed class SessionEndedException() : Exception("Your session has ended. Sign in again to continue.");
