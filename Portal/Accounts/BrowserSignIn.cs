namespace Portal.Accounts;

/// <summary>Signs in the person who sent a form, and remembers their browser.</summary>
internal sealed class BrowserSignIn(SignInService signIn, KnownDevices devices)
{
    /// <param name="isAfterSetup">Whether the setup has just set the password.</param>
    public async Task<SignInResult> SignInAsync(HttpContext context, string? email, string? password, bool isAfterSetup = false) =>
        Remember(context, await signIn.SignInAsync(AttemptOf(context, email, password) with { IsAfterSetup = isAfterSetup }, context.RequestAborted));

    /// <summary>Completes the sign-in of the person who sent a code.</summary>
    public async Task<SignInResult> EnterCodeAsync(HttpContext context, string? code) =>
        Remember(context, await signIn.EnterCodeAsync(AttemptOf(context, null, null), code, context.RequestAborted));

    private SignInResult Remember(HttpContext context, SignInResult result)
    {
        if (result.DeviceCookie is { } device)
            DeviceCookie.Write(context, device, devices.Lifetime);
        return result;
    }

    private static SignInAttempt AttemptOf(HttpContext context, string? email, string? password) =>
        new(email, password, context.Connection.RemoteIpAddress, DeviceCookie.Read(context), context.Request.Headers.UserAgent);
}
