using Portal.Access;
using Portal.Data;
using Portal.Mail;

namespace Portal.Accounts.Users;

/// <summary>A user in the list.</summary>
/// <param name="IsDisabled">Whether an administrator has disabled the user, who can't sign in.</param>
/// <param name="CreatedAt">UTC; null: unknown.</param>
/// <param name="LastSignInAt">UTC; null: never.</param>
/// <param name="HasSecondFactor">Whether the user has an authenticator app.</param>
/// <param name="NewPasswordUntil">Until when a link for a new password works, in UTC; null: there is none.</param>
/// <param name="IsManaged">Whether a directory manages the user, with SCIM.</param>
/// <param name="HasNoRole">Whether a managed user has no role yet. They can't sign in.</param>
/// <param name="Passkeys">The number of passkeys.</param>
/// <param name="SecondFactorDueAt">Until when the user must set up a second factor, in UTC; null: they have one, need none, or haven't signed in since.</param>
public sealed record UserEntry(
    string Id, string Name, string Email, Role Role, bool IsDisabled, DateTime? CreatedAt, DateTime? LastSignInAt, bool HasSecondFactor, DateTime? NewPasswordUntil,
    bool IsManaged, bool HasNoRole, int Passkeys = 0, DateTime? SecondFactorDueAt = null);

/// <summary>An invitation that nobody has accepted yet.</summary>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC. An expired invitation stays in the list until it is withdrawn or replaced.</param>
public sealed record InvitationEntry(long Id, string Email, Role Role, DateTime CreatedAt, string CreatedByName, DateTime ExpiresAt);

/// <summary>The people of an account.</summary>
/// <param name="GroupsDecideRoles">Whether administrators can't change the role of managed users, because their groups decide it.</param>
public sealed record UserList(IReadOnlyList<UserEntry> Users, IReadOnlyList<InvitationEntry> Invitations, bool GroupsDecideRoles);

/// <summary>A new link, which is shown once.</summary>
/// <param name="Code">The secret of the link. Pages put it after <c>#</c>, because browsers don't send that part to a server.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record IssuedLink(OneTimeLinkPurpose Purpose, string Email, string Code, DateTime ExpiresAt)
{
    /// <summary>The address of the page that takes the code, relative to that of Portal.</summary>
    public string Address => $"{Page}#{Code}";

    private string Page => Purpose switch
    {
        OneTimeLinkPurpose.Invitation => "join",
        OneTimeLinkPurpose.NewPassword => "new-password",
        _ => "sign-in-link",
    };

    /// <summary>Whether Portal sent the link to the person by email.</summary>
    public MailDelivery Mailed { get; init; }

    /// <summary>Omits the code, which must not appear in logs.</summary>
    public override string ToString() => nameof(IssuedLink);
}

/// <summary>The outcome of a change to a user or an invitation.</summary>
public abstract record UserOutcome
{
    private UserOutcome()
    {
    }

    /// <summary>The change is durable.</summary>
    /// <param name="Link">The link to hand out; null: the change doesn't create one.</param>
    public sealed record Done(IssuedLink? Link = null) : UserOutcome;

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<UserError> Faults) : UserOutcome;

    /// <summary>The change isn't allowed. Nothing was changed.</summary>
    /// <param name="Message">The reason, for the person.</param>
    public sealed record Refused(string Message) : UserOutcome;

    /// <summary>The user or invitation doesn't exist, or no longer exists.</summary>
    public sealed record NotFound : UserOutcome;
}
