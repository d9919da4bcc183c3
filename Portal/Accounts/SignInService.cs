using System.Net;
using Microsoft.AspNetCore.Identity;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>The input of a sign-in.</summary>
/// <param name="Address">The address of the client; null: unknown.</param>
/// <param name="DeviceCookie">The cookie that the browser sent, see <see cref="KnownDevices"/>; null: none.</param>
public sealed record SignInAttempt(string? Email, string? Password, IPAddress? Address = null, string? DeviceCookie = null)
{
    /// <summary>Omits the input, which must not appear in logs.</summary>
    public override string ToString() => nameof(SignInAttempt);
}

/// <summary>The outcome of a sign-in.</summary>
public enum SignInOutcome
{
    SignedIn,

    /// <summary>The address or the password is wrong. The result doesn't reveal which.</summary>
    Refused,

    /// <summary>The password is right, but an administrator has locked the user out.</summary>
    LockedOut,

    /// <summary>Too many previous attempts failed. This one was not checked.</summary>
    TooManyAttempts,

    /// <summary>Too many passwords are waiting to be checked. This one was not checked.</summary>
    Busy,
}

/// <param name="RetryAfter">The time to wait if the attempt was not checked.</param>
/// <param name="DeviceCookie">After a successful sign-in, the value for the cookie <see cref="KnownDevices.CookieName"/>.</param>
public sealed record SignInResult(SignInOutcome Outcome, TimeSpan RetryAfter = default, string? DeviceCookie = null);

/// <summary>Signs people in.</summary>
public sealed class SignInService(
    PortalDbContext context, UserManager<PortalUser> users, SignInManager<PortalUser> signIn, SignInLimiter limiter, KnownDevices devices,
    PasswordChecker passwords, FailedSignIns failures, AuditLog audit)
{
    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Checks the password. If it is right, adds the session cookie to the response.</summary>
    public async Task<SignInResult> SignInAsync(SignInAttempt attempt, CancellationToken cancellation = default)
    {
        var email = attempt.Email?.Trim() is { Length: <= AccountService.LongestEmail } text ? text : "";
        var account = SignInLimiter.KeyOf(users.NormalizeEmail(email) ?? "");
        var permit = limiter.TryTake(attempt.Address, account, devices.Find(attempt.DeviceCookie, account));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);

        try
        {
            return await CheckAsync(attempt, email, account, permit, cancellation);
        }
        catch
        {
            // The password was not checked, and a database failure must not lock anyone out.
            permit.GiveBack();
            throw;
        }
    }

    private async Task<SignInResult> CheckAsync(SignInAttempt attempt, string email, UInt128 account, SignInPermit permit, CancellationToken cancellation)
    {
        // From here on, unknown accounts, wrong passwords and impossible passwords cost the same: one query and one hash.
        var user = await users.FindByEmailAsync(email);
        var possible = attempt.Password is { Length: <= AccountService.LongestPassword };
        if (await passwords.CheckAsync(possible ? user : null, possible ? attempt.Password! : "", cancellation) is not { } check)
        {
            permit.GiveBack();
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
        permit.GiveBack();
        await BeginSessionAsync(user, check.NewHash, cancellation);
        return new SignInResult(SignInOutcome.SignedIn, DeviceCookie: devices.Issue(account));
    }

    private async Task BeginSessionAsync(PortalUser user, string? newHash, CancellationToken cancellation)
    {
        if (newHash is not null)
        {
            // Not stored as a password change, which would end the user's other sessions.
            user.PasswordHash = newHash;
            await users.UpdateAsync(user);
        }

        await signIn.SignInAsync(user, isPersistent: false);
        audit.Add(context, new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer), AuditAction.UserSignedIn, user.Id, user.DisplayName);
        await context.SaveChangesAsync(cancellation);
    }
}
