using Portal.Localization;

namespace Portal.Accounts;

/// <summary>The notices of the sign-in page about the previous session. Its address names one of them.</summary>
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
