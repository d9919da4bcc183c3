using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>The input of a sign-in.</summary>
/// <param name="Address">The address of the client; null: unknown.</param>
/// <param name="DeviceCookie">The cookie that the browser sent, see <see cref="KnownDevices"/>; null: none.</param>
/// <param name="Browser">The <c>User-Agent</c> header; null: none.</param>
/// <param name="IsAfterSetup">Whether the setup has just set the password, which then counts even if the configuration allows no passwords.</param>
public sealed record SignInAttempt(string? Email, string? Password, IPAddress? Address = null, string? DeviceCookie = null, string? Browser = null,
    bool IsAfterSetup = false)
{
    /// <summary>Omits the input, which must not appear in logs.</summary>
    public override string ToString() => nameof(SignInAttempt);
}

/// <summary>The outcome of a sign-in.</summary>
public enum SignInOutcome
{
    SignedIn,

    /// <summary>The password is right. The user must also enter a code, see <see cref="SignInService.EnterCodeAsync"/>.</summary>
    CodeNeeded,

    /// <summary>The configuration allows no passwords.</summary>
    PasswordsOff,

    /// <summary>The address or the password is wrong. The result doesn't reveal which.</summary>
    Refused,

    /// <summary>The password is right, but an administrator has locked the user out.</summary>
    LockedOut,

    /// <summary>The time for entering the code is over. The user must enter the password again.</summary>
    Expired,

    /// <summary>Too many previous attempts failed. This one was not checked.</summary>
    TooManyAttempts,

    /// <summary>Too many passwords are waiting to be checked. This one was not checked.</summary>
    Busy,
}

/// <summary>A person who must still use a second factor.</summary>
/// <param name="Provider">The provider that signed the person in; null: Portal itself.</param>
internal sealed record PendingPerson(PortalUser User, ProviderSession? Provider);

/// <summary>How a person proved to Portal who they are.</summary>
public enum SignInMethod
{
    Password,
    PasswordAndCode,
    PasswordAndPasskey,
    Passkey,
}

/// <param name="RetryAfter">The time to wait if the attempt was not checked.</param>
/// <param name="DeviceCookie">After a successful sign-in, the value for the cookie <see cref="KnownDevices.CookieName"/>.</param>
public sealed record SignInResult(SignInOutcome Outcome, TimeSpan RetryAfter = default, string? DeviceCookie = null);

/// <summary>Signs people in.</summary>
public sealed class SignInService(
    PortalDbContext context, UserManager<PortalUser> users, SignInManager<PortalUser> signIn, SignInLimiter limiter, KnownDevices devices,
    PasswordChecker passwords, FailedSignIns failures, SecondFactorVerifier codes, SessionStarter sessions, SignInProviders providers,
    RefusalTime refusalTime)
{
    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Checks the password. If it is right, adds the session cookie to the response.</summary>
    public async Task<SignInResult> SignInAsync(SignInAttempt attempt, CancellationToken cancellation = default)
    {
        var began = refusalTime.Begin();
        var result = await TrySignInAsync(attempt, cancellation);
        if (result.Outcome == SignInOutcome.Refused)
            await refusalTime.WaitAsync(began, cancellation);
        return result;
    }

    private async Task<SignInResult> TrySignInAsync(SignInAttempt attempt, CancellationToken cancellation)
    {
        if (!providers.AllowPassword && !attempt.IsAfterSetup)
            return new SignInResult(SignInOutcome.PasswordsOff);
        var email = attempt.Email?.Trim() is { Length: <= AccountRules.LongestEmail } text && AccountRules.IsText(text) ? text : "";
        var account = SignInLimiter.KeyOf(users.NormalizeEmail(email) ?? "");
        var permit = await limiter.TryTakeAsync(attempt.Address, account, devices.Find(attempt.DeviceCookie, account));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);

        try
        {
            return await CheckAsync(attempt, email, permit, cancellation);
        }
        catch
        {
            // The password was not checked, and a database failure must not lock anyone out.
            await permit.GiveBackAsync();
            throw;
        }
    }

    private async Task<SignInResult> CheckAsync(SignInAttempt attempt, string email, SignInPermit permit, CancellationToken cancellation)
    {
        // From here on, unknown accounts, wrong passwords and impossible passwords cost the same: one query and one hash.
        var user = await users.FindByEmailAsync(email);
        var possible = attempt.Password is { Length: <= AccountRules.LongestPassword };
        if (await passwords.CheckAsync(possible ? user : null, possible ? attempt.Password! : "", cancellation) is not { } check)
        {
            await permit.GiveBackAsync();
            return new SignInResult(SignInOutcome.Busy, RetryAfterBusy);
        }

        if (user is null || !check.IsRight)
        {
            if (user is not null)
                failures.Note(user, attempt.Address, permit.IsLimitReached);
            return new SignInResult(SignInOutcome.Refused);
        }

        if (await users.IsLockedOutAsync(user))
            return new SignInResult(SignInOutcome.LockedOut);
        await permit.GiveBackAsync();
        await StoreHashAsync(user, check.NewHash);
        if (await codes.IsSetUpAsync(user.Id, cancellation))
        {
            await sessions.AskForCodeAsync(user, provider: null);
            return new SignInResult(SignInOutcome.CodeNeeded);
        }

        return await BeginSessionAsync(user, attempt, SignInMethod.Password, provider: null, cancellation);
    }

    /// <summary>Completes a sign-in with a code of the authenticator app or a recovery code. The password was checked by
    /// <see cref="SignInAsync"/>, whose cookie identifies the user for a few minutes.</summary>
    public async Task<SignInResult> EnterCodeAsync(SignInAttempt attempt, string? code, CancellationToken cancellation = default)
    {
        if (await FindPendingAsync() is not { } pending)
            return new SignInResult(SignInOutcome.Expired);
        return await CompleteAsync(pending, attempt, SignInMethod.PasswordAndCode, () => codes.VerifyAsync(pending.User.Id, code, cancellation), cancellation);
    }

    /// <summary>The person whose password was right in this browser, or whom a provider has identified; null: nobody, or too long ago.</summary>
    internal async Task<PendingPerson?> FindPendingAsync()
    {
        var pending = (await signIn.Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Principal;
        // A new password since then ends the sign-in, too.
        return pending?.FindFirstValue(ClaimTypes.NameIdentifier) is { } id && await users.FindByIdAsync(id) is { } user
            && user.SecurityStamp == pending.FindFirstValue(PortalClaims.SecurityStamp) ? new PendingPerson(user, PendingSignIn.ProviderOf(pending)) : null;
    }

    /// <summary>Completes the sign-in of a person whose password was right.</summary>
    /// <param name="verify">Checks the second factor.</param>
    internal async Task<SignInResult> CompleteAsync(
        PendingPerson pending, SignInAttempt attempt, SignInMethod method, Func<Task<bool>> verify, CancellationToken cancellation)
    {
        var (user, began) = (pending.User, refusalTime.Begin());
        var permit = await limiter.TryTakeCodeAsync(user.Id, devices.Find(attempt.DeviceCookie, SignInLimiter.KeyOf(users.NormalizeEmail(user.Email) ?? "")));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);
        if (!await verify())
        {
            failures.Note(user, attempt.Address, permit.IsLimitReached);
            await refusalTime.WaitAsync(began, cancellation);
            return new SignInResult(SignInOutcome.Refused);
        }

        await permit.GiveBackAsync();
        if (await users.IsLockedOutAsync(user))
            return new SignInResult(SignInOutcome.LockedOut);
        await signIn.Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        return await BeginSessionAsync(user, attempt, method, pending.Provider, cancellation);
    }

    private async Task StoreHashAsync(PortalUser user, string? newHash)
    {
        if (newHash is null)
            return;
        // Not stored as a password change, which would end the user's other sessions.
        // A change of the password since then stays.
        var checkedHash = user.PasswordHash;
        await context.Users.Where(stored => stored.Id == user.Id && stored.PasswordHash == checkedHash)
            .ExecuteUpdateAsync(set => set.SetProperty(stored => stored.PasswordHash, newHash));
    }

    internal async Task<SignInResult> BeginSessionAsync(
        PortalUser user, SignInAttempt attempt, SignInMethod method, ProviderSession? provider, CancellationToken cancellation)
    {
        await sessions.BeginAsync(user, new SessionOrigin(attempt.Address, attempt.Browser, provider, method), cancellation);
        return new SignInResult(SignInOutcome.SignedIn, DeviceCookie: devices.Issue(SignInLimiter.KeyOf(users.NormalizeEmail(user.Email) ?? "")));
    }
}
