using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Profile;

/// <summary>Changes the actor's own password. All sessions end, because someone else may have started one with the former password.</summary>
public sealed class PasswordChange(
    PortalDbContext context, WriteQueue writes, PasswordChecker passwords, IPasswordHasher<PortalUser> hasher, SignInLimiter limiter,
    FailedSignIns failures, AccessControl access, SignInProviders providers, AuditLog audit)
{
    /// <param name="current">The current password. Wrong ones count as failed sign-ins.</param>
    /// <param name="address">The address of the client; null: unknown.</param>
    /// <returns>The errors; empty: the password was changed and the person must sign in again.</returns>
    public async Task<IReadOnlyList<UserError>> ChangeAsync(Actor actor, string current, string wanted, IPAddress? address, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        if (!providers.AllowPassword)
            return [new UserError(UserField.CurrentPassword, Texts.Login_PasswordsOff)];
        var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == actor.Id, cancellation);
        var permit = await limiter.TryTakeProofAsync(actor.Id);
        if (permit.RetryAfter is { } wait)
            return [new UserError(UserField.CurrentPassword, Texts.Login_TooManyAttempts.With(RetryDelay.Describe(wait)))];
        if (await passwords.CheckAsync(user, current.Length <= AccountRules.LongestPassword ? current : "", cancellation) is not { } check)
        {
            await permit.GiveBackAsync();
            return [new UserError(UserField.CurrentPassword, Texts.Profile_Busy)];
        }

        if (!check.IsRight)
        {
            failures.Note(user, address, permit.IsLimitReached);
            return [new UserError(UserField.CurrentPassword, Texts.Profile_WrongPassword)];
        }

        await permit.GiveBackAsync();
        if (wanted == current)
            return [new UserError(UserField.Password, Texts.Profile_SamePassword)];
        if (AccountRules.CheckPassword(wanted, user.DisplayName, user.Email ?? "") is { } fault)
            return [new UserError(UserField.Password, fault)];
        var hash = hasher.HashPassword(user, wanted);
        await writes.RunAsync(
            async token =>
            {
                // Again: while this waited for its turn, the session may have ended.
                await access.RequireOwnAsync(actor, token);
                var stored = await context.Users.SingleAsync(stored => stored.Id == actor.Id, token);
                stored.PasswordHash = hash;
                await UserService.EndSessionsAsync(context, stored, token);
                context.OneTimeLinks.RemoveRange(await context.OneTimeLinks.Where(link => link.UserId == actor.Id).ToListAsync(token));
                audit.Add(context, actor, AuditAction.PasswordChanged, actor.Id, actor.Name);
                await context.SaveChangesAsync(token);
            },
            cancellation);
        return [];
    }
}
