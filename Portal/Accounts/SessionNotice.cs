using Portal.Localization;

namespace Portal.Accounts;

/// <summary>The notices about the previous session on the sign-in page. The query string selects one of them.</summary>
internal static class SessionNotice
{
    public const string Parameter = "session";
    public const string SignedOut = "signed-out";
    public const string Ended = "ended";

    /// <returns>The text; null: no notice.</returns>
    public static string? Describe(string? value) => value switch
    {
        SignedOut => Texts.SessionNotice_SignedOut,
        Ended => Texts.SessionNotice_Ended,
        _ => null,
    };
}
