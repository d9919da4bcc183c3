using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.Profile;
using Portal.Accounts.SecondFactor;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>The input of a sign-in.</summary>
/// <param name="Address">The address of the client; null: unknown.</param>
/// <param name="DeviceCookie">The cookie that the browser sent, see <see cref="KnownDevices"/>; null: none.</param>
/// <param name="Browser">The <c>User-Agent</c> header; null: none.</param>
public sealed record SignInAttempt(string? Email, string? Password, IPAddress? Address = null, string? DeviceCookie = null, string? Browser = null)
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

/// <param name="RetryAfter">The time to wait if the attempt was not checked.</param>
/// <param name="DeviceCookie">After a successful sign-in, the value for the cookie <see cref="KnownDevices.CookieName"/>.</param>
public sealed record SignInResult(SignInOutcome Outcome, TimeSpan RetryAfter = default, string? DeviceCookie = null);

/// <summary>Signs people in.</summary>
public sealed class SignInService(
    PortalDbContext context, UserManager<PortalUser> users, SignInManager<PortalUser> signIn, SignInLimiter limiter, KnownDevices devices,
    PasswordChecker passwords, FailedSignIns failures, SecondFactorVerifier codes, AuditLog audit, TimeProvider clock)
{
    /// <summary>The maximum number of sessions of a user. The one that wasn't used for the longest time ends.</summary>
    internal const int MostSessions = 50;

    private static readonly TimeSpan RetryAfterBusy = TimeSpan.FromSeconds(5);

    /// <summary>Checks the password. If it is right, adds the session cookie to the response.</summary>
    public async Task<SignInResult> SignInAsync(SignInAttempt attempt, CancellationToken cancellation = default)
    {
        var email = attempt.Email?.Trim() is { Length: <= AccountRules.LongestEmail } text && AccountRules.IsText(text) ? text : "";
        var account = SignInLimiter.KeyOf(users.NormalizeEmail(email) ?? "");
        var permit = limiter.TryTake(attempt.Address, account, devices.Find(attempt.DeviceCookie, account));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);

        try
        {
            return await CheckAsync(attempt, email, permit, cancellation);
        }
        catch
        {
            // The password was not checked, and a database failure must not lock anyone out.
            permit.GiveBack();
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
        await StoreHashAsync(user, check.NewHash);
        if (await codes.IsSetUpAsync(user.Id, cancellation))
        {
            await signIn.Context.SignInAsync(IdentityConstants.TwoFactorUserIdScheme, new ClaimsPrincipal(new ClaimsIdentity(
                [new(ClaimTypes.NameIdentifier, user.Id), new(PortalClaims.SecurityStamp, user.SecurityStamp!)], IdentityConstants.TwoFactorUserIdScheme)));
            return new SignInResult(SignInOutcome.CodeNeeded);
        }

        return await BeginSessionAsync(user, attempt, cancellation);
    }

    /// <summary>Completes a sign-in with a code of the authenticator app or a recovery code. The password was checked by
    /// <see cref="SignInAsync"/>, whose cookie identifies the user for a few minutes.</summary>
    public async Task<SignInResult> EnterCodeAsync(SignInAttempt attempt, string? code, CancellationToken cancellation = default)
    {
        var pending = (await signIn.Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Principal;
        // A new password since then ends the sign-in, too.
        if (pending?.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id || await users.FindByIdAsync(id) is not { } user
            || user.SecurityStamp != pending.FindFirstValue(PortalClaims.SecurityStamp))
            return new SignInResult(SignInOutcome.Expired);
        var permit = limiter.TryTakeCode(user.Id, devices.Find(attempt.DeviceCookie, SignInLimiter.KeyOf(users.NormalizeEmail(user.Email) ?? "")));
        if (permit.RetryAfter is { } wait)
            return new SignInResult(SignInOutcome.TooManyAttempts, wait);
        if (!await codes.VerifyAsync(user.Id, code, cancellation))
        {
            failures.Note(user, attempt.Address, permit.IsLimitReached);
            return new SignInResult(SignInOutcome.Refused);
        }

        permit.GiveBack();
        if (await users.IsLockedOutAsync(user))
            return new SignInResult(SignInOutcome.LockedOut);
        await signIn.Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        return await BeginSessionAsync(user, attempt, cancellation);
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

    private async Task<SignInResult> BeginSessionAsync(PortalUser user, SignInAttempt attempt, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        user.LastSignInAt = now;
        var session = new UserSession
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(UserSession.IdLength / 2)), UserId = user.Id, CreatedAt = now, LastSeenAt = now, ProvedAt = now,
            Address = AddressNumber.Write(attempt.Address), Browser = Cut(attempt.Browser),
        };
        context.UserSessions.Add(session);
        context.UserSessions.RemoveRange(await context.UserSessions.Where(other => other.UserId == user.Id)
            .OrderByDescending(other => other.LastSeenAt).Skip(MostSessions - 1).ToListAsync(cancellation));
        audit.Add(context, new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer), AuditAction.UserSignedIn, user.Id, user.DisplayName);
        await context.SaveChangesAsync(cancellation);
        // Last: the cookie is only valid with a stored session.
        await signIn.SignInWithClaimsAsync(user, isPersistent: false, [new Claim(PortalClaims.SessionId, session.Id)]);
        PreferenceCookies.Write(signIn.Context, UserPreferences.Of(user));
        return new SignInResult(SignInOutcome.SignedIn, DeviceCookie: devices.Issue(SignInLimiter.KeyOf(users.NormalizeEmail(user.Email) ?? "")));
    }

    private static string? Cut(string? browser) =>
        TextRules.Clean(browser) is { } text ? SecretText.Hide(text.Length > UserSession.BrowserLength ? text[..UserSession.BrowserLength] : text) : null;
}
