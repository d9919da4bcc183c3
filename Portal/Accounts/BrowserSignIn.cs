using Portal.Accounts.Passkeys;

namespace Portal.Accounts;

/// <summary>Signs in the person who sent a form, and remembers their browser.</summary>
internal sealed class BrowserSignIn(SignInService signIn, PasskeySignIn passkeySignIn, PasskeyCeremonies passkeys, KnownDevices devices)
{
    /// <param name="isAfterSetup">Whether the setup has just set the password.</param>
    public async Task<SignInResult> SignInAsync(HttpContext context, string? email, string? password, bool isAfterSetup = false) =>
        Remember(context, await signIn.SignInAsync(AttemptOf(context, email, password) with { IsAfterSetup = isAfterSetup }, context.RequestAborted));

    /// <summary>Completes the sign-in of the person who sent a code.</summary>
    public async Task<SignInResult> EnterCodeAsync(HttpContext context, string? code) =>
        Remember(context, await signIn.EnterCodeAsync(AttemptOf(context, null, null), code, context.RequestAborted));

    /// <summary>Whether the browser can use passkeys at the address of the request.</summary>
    public bool SupportsPasskeys(HttpContext context) => SiteOf(context) is { } site && passkeys.Support(site);

    /// <summary>Whether the person whose password was right can use a passkey instead of a code.</summary>
    public async Task<bool> OffersPasskeyAsync(HttpContext context) => SupportsPasskeys(context) && await passkeySignIn.HasPendingPasskeyAsync(context.RequestAborted);

    /// <summary>Asks the browser for a passkey.</summary>
    /// <param name="afterPassword">Whether the password was right, and the passkey replaces the code.</param>
    /// <returns>Null: the browser can't use passkeys there, or took too long after the password.</returns>
    public async Task<PasskeyRequest?> BeginPasskeyAsync(HttpContext context, bool afterPassword)
    {
        if (SiteOf(context) is not { } site || !passkeys.Support(site))
            return null;
        var browser = PasskeyCookie.ReadOrWrite(context);
        return afterPassword ? await passkeySignIn.BeginCodeAsync(browser, site) : await passkeySignIn.BeginAsync(browser, site);
    }

    /// <summary>Signs in with the passkey that the browser used.</summary>
    /// <inheritdoc cref="BeginPasskeyAsync"/>
    public async Task<SignInResult> UsePasskeyAsync(HttpContext context, string? challenge, string? credential, bool afterPassword)
    {
        if (SiteOf(context) is not { } site || PasskeyCookie.Read(context) is not { } browser)
            return new SignInResult(SignInOutcome.Expired);
        var (attempt, answer) = (AttemptOf(context, null, null), new PasskeyAnswer(challenge, credential, site));
        return Remember(context, afterPassword
            ? await passkeySignIn.EnterAsync(attempt, browser, answer, context.RequestAborted)
            : await passkeySignIn.SignInAsync(attempt, browser, answer, context.RequestAborted));
    }

    /// <returns>Null: the request has no host, or an impossible one.</returns>
    private static PasskeySite? SiteOf(HttpContext context) =>
        Uri.TryCreate($"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}", UriKind.Absolute, out var address) ? new PasskeySite(address) : null;

    private SignInResult Remember(HttpContext context, SignInResult result)
    {
        if (result.DeviceCookie is { } device)
            DeviceCookie.Write(context, device, devices.Lifetime);
        return result;
    }

    private static SignInAttempt AttemptOf(HttpContext context, string? email, string? password) =>
        new(email, password, context.Connection.RemoteIpAddress, DeviceCookie.Read(context), context.Request.Headers.UserAgent);
}
