using Microsoft.AspNetCore.Identity;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.SingleSignOn;
using Portal.Data;

namespace Portal.Accounts.Passkeys;

/// <summary>Signs people in with a passkey: without a password, or after it.</summary>
public sealed class PasskeySignIn(
    PortalDbContext context, SignInService signIn, UserManager<PortalUser> users, SignInLimiter limiter, KnownDevices devices, PasskeyCeremonies ceremonies, SignInProviders providers,
    RefusalTime refusalTime)
{
    /// <summary>Asks a browser for any passkey. The request is the same for everyone, so it doesn't reveal who has an account.</summary>
    /// <param name="browser">The ID of the browser, which only it knows.</param>
    internal Task<PasskeyRequest> BeginAsync(string browser, PasskeySite site) => ceremonies.BeginAsync(PasskeyPurpose.SignIn, browser, null, site);

    /// <summary>Asks a browser for a passkey of the person whose password was right.</summary>
    /// <returns>Null: the time for that is over.</returns>
    internal async Task<PasskeyRequest?> BeginCodeAsync(string browser, PasskeySite site) =>
        await signIn.FindPendingAsync() is { User: var user } ? await ceremonies.BeginAsync(PasskeyPurpose.Code, HolderOf(browser, user), user.Id, site) : null;

    /// <summary>Whether the person whose password was right has a passkey.</summary>
    internal async Task<bool> HasPendingPasskeyAsync(CancellationToken cancellation) =>
        await signIn.FindPendingAsync() is { User: var user } && await SecondFactorPolicy.HasPasskeyAsync(context, user.Id, cancellation);

    /// <summary>Signs in without a password. A passkey counts as both factors, because Portal requires that the device verifies its user.</summary>
    internal async Task<SignInResult> SignInAsync(SignInAttempt attempt, string browser, PasskeyAnswer answer, CancellationToken cancellation = default)
    {
        var began = refusalTime.Begin();
        var result = await TrySignInAsync(attempt, browser, answer, cancellation);
        if (result.Outcome == SignInOutcome.Refused)
            await refusalTime.WaitAsync(began, cancellation);
        return result;
    }

    private async Task<SignInResult> TrySignInAsync(SignInAttempt attempt, string browser, PasskeyAnswer answer, CancellationToken cancellation)
    {
        // Like a password: with neither, people whom their provider has disabled would still get in.
        if (!providers.AllowPassword)
            return new SignInResult(SignInOutcome.PasswordsOff);
        var permit = await limiter.TryTakePasskeyAsync(attempt.Address, devices.FindAny(attempt.DeviceCookie));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);
        PasskeyUse use;
        try
        {
            use = await ceremonies.UseAsync(PasskeyPurpose.SignIn, browser, answer, cancellation);
        }
        catch
        {
            await permit.GiveBackAsync();
            throw;
        }

        if (use.Outcome == PasskeyOutcome.Expired)
            return new SignInResult(SignInOutcome.Expired);
        if (use.UserId is null || await users.FindByIdAsync(use.UserId) is not { } user)
            return new SignInResult(SignInOutcome.Refused);
        await permit.GiveBackAsync();
        return await users.IsLockedOutAsync(user)
            ? new SignInResult(SignInOutcome.LockedOut)
            : await signIn.BeginSessionAsync(user, attempt, SignInMethod.Passkey, provider: null, cancellation);
    }

    /// <summary>Completes a sign-in, instead of a code.</summary>
    internal async Task<SignInResult> EnterAsync(SignInAttempt attempt, string browser, PasskeyAnswer answer, CancellationToken cancellation = default)
    {
        if (await signIn.FindPendingAsync() is not { } pending)
            return new SignInResult(SignInOutcome.Expired);
        return await signIn.CompleteAsync(pending, attempt, SignInMethod.PasswordAndPasskey, async () =>
            (await ceremonies.UseAsync(PasskeyPurpose.Code, HolderOf(browser, pending.User), answer, cancellation)).UserId == pending.User.Id, cancellation);
    }

    private static string HolderOf(string browser, PortalUser user) => $"{browser}/{user.Id}";
}
