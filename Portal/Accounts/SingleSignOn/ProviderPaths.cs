namespace Portal.Accounts.SingleSignOn;

/// <summary>The addresses and cookies of a sign-in with a provider.</summary>
internal static class ProviderPaths
{
    public const string Root = "/signin";

    /// <summary>The prefix of the cookies that bind a response of a provider to the browser that began the sign-in.</summary>
    public const string CorrelationCookie = "portal-signin.";

    /// <summary>The prefix of the cookies that bind an ID token to it.</summary>
    public const string NonceCookie = "portal-nonce.";

    /// <summary>Keeps the code of the invitation that the person has opened.</summary>
    public const string InvitationCookie = "portal-invitation";

    /// <summary>The address that is registered at the provider.</summary>
    public static string Callback(string provider) => $"{Root}/{provider}";

    /// <summary>The address of the link on the sign-in page, relative to the base of Portal.</summary>
    /// <param name="returnUrl">The page to open then; null: the default.</param>
    public static string Start(string provider, string? returnUrl = null) =>
        $"{Callback(provider)[1..]}/start" + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}");

    /// <summary>The address of the link with which an invited person joins.</summary>
    public static string Join(string provider) => $"{Callback(provider)[1..]}/join";

    /// <summary>The address of the link with which a signed-in person proves who they are.</summary>
    public static string Prove(string provider) => $"{Callback(provider)[1..]}/prove";

    /// <summary>The address that connects the provider to the signed-in person.</summary>
    public static string Connect(string provider, string ticket) => $"{Callback(provider)[1..]}/connect?ticket={Uri.EscapeDataString(ticket)}";
}
