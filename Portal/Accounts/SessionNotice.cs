using Portal.Localization;

namespace Portal.Accounts;

/// <summary>What the sign-in page says about the session before, named in its address.</summary>
internal static class SessionNotice
{
    public const string Parameter = "session";
    public const string SignedOut = "signed-out";
    public const string Ended = "ended";

    /// <returns>Null: nothing to say.</returns>
    public static string? Describe(string? value) => value switch
    {
        SignedOut => Texts.SessionNotice_SignedOut,
        Ended => Texts.SessionNotice_Ended,
        _ => null,
    };
}
