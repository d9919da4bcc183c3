using Portal.Localization;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Why a sign-in with a provider didn't work. The name is part of the address of the page that explains it.</summary>
public enum SignInProblem
{
    /// <summary>The response of the provider is invalid.</summary>
    Failed,

    /// <summary>The provider didn't respond, or responded with an error.</summary>
    Unavailable,

    /// <summary>The person canceled at the provider, or the provider refused them.</summary>
    Canceled,

    /// <summary>The response was already used, is too old, or belongs to another browser.</summary>
    Expired,

    /// <summary>There is no user for the person.</summary>
    NotInvited,

    /// <summary>A user has the address of the person, and isn't connected to the provider.</summary>
    EmailTaken,
    NoEmail,
    UnverifiedEmail,

    /// <summary>The provider's settings don't let the person in.</summary>
    NotAllowed,

    /// <summary>None of the person's groups has a role.</summary>
    NoRole,
    TooManyGroups,
    NoMultiFactor,

    /// <summary>An administrator has disabled the user.</summary>
    LockedOut,
    InvitationEnded,

    /// <summary>Another user is connected to this person at the provider.</summary>
    ConnectedToAnother,

    /// <summary>The user is connected to another person at the provider.</summary>
    ConnectedAlready,

    /// <summary>The person signed in at the provider as someone else than the signed-in user.</summary>
    AnotherPerson,

    /// <summary>The provider didn't ask the person to sign in again.</summary>
    NotProved,

    /// <summary>The person has signed out of Portal meanwhile.</summary>
    SessionEnded,
}

/// <summary>Explains a <see cref="SignInProblem"/>.</summary>
internal static class SignInProblems
{
    /// <param name="provider">The name of the provider.</param>
    public static string Describe(SignInProblem problem, string provider) => problem switch
    {
        SignInProblem.Unavailable => Texts.SignInProblem_Unavailable.With(provider),
        SignInProblem.Canceled => Texts.SignInProblem_Canceled.With(provider),
        SignInProblem.Expired => Texts.SignInProblem_Expired,
        SignInProblem.NotInvited => Texts.SignInProblem_NotInvited.With(provider),
        SignInProblem.EmailTaken => Texts.SignInProblem_EmailTaken.With(provider),
        SignInProblem.NoEmail => Texts.SignInProblem_NoEmail.With(provider),
        SignInProblem.UnverifiedEmail => Texts.SignInProblem_UnverifiedEmail.With(provider),
        SignInProblem.NotAllowed => Texts.SignInProblem_NotAllowed.With(provider),
        SignInProblem.NoRole => Texts.SignInProblem_NoRole.With(provider),
        SignInProblem.TooManyGroups => Texts.SignInProblem_TooManyGroups.With(provider),
        SignInProblem.NoMultiFactor => Texts.SignInProblem_NoMultiFactor.With(provider),
        SignInProblem.LockedOut => Texts.Login_LockedOut,
        SignInProblem.InvitationEnded => Texts.OneTimeLink_Ended,
        SignInProblem.ConnectedToAnother => Texts.SignInProblem_ConnectedToAnother.With(provider),
        SignInProblem.ConnectedAlready => Texts.SignInProblem_ConnectedAlready.With(provider),
        SignInProblem.AnotherPerson => Texts.SignInProblem_AnotherPerson.With(provider),
        SignInProblem.NotProved => Texts.SignInProblem_NotProved.With(provider),
        SignInProblem.SessionEnded => Texts.SignInProblem_SessionEnded,
        _ => Texts.SignInProblem_Failed.With(provider),
    };
}
