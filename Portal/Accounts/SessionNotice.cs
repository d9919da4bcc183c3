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
        SignedOut => "You are signed out.",
        Ended => "Your session has ended because you signed out, or because your role, password or access changed. Sign in again to continue.",
        _ => null,
    };
}
