using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts;

/// <summary>The input for creating a user.</summary>
public sealed record NewUser(string Name, string Email, string Password);

/// <summary>A field of a form about a user, to which an error message can refer.</summary>
public enum UserField
{
    SetupCode,
    Name,
    Email,
    Password,

    /// <summary>The code of a one-time link.</summary>
    Link,
    CurrentPassword,
}

/// <summary>A validation error of a field, with a message for the user.</summary>
public sealed record UserError(UserField Field, string Message);

/// <summary>Creates users, such as the first administrator, and signs them out. <see cref="SignInService"/> signs them in.</summary>
public sealed class AccountService(
    PortalDbContext context, WriteQueue writes, UserManager<PortalUser> users, SignInManager<PortalUser> signIn, FirstRun firstRun,
    SignInLimiter limiter, AuditLog audit, TimeProvider clock)
{
    /// <summary>Creates the account and its first administrator.</summary>
    /// <param name="address">The address of the client; null: unknown.</param>
    /// <returns>The errors; empty: the account was created.</returns>
    public async Task<IReadOnlyList<UserError>> SetUpAsync(string? code, NewUser wanted, IPAddress? address = null)
    {
        if (string.IsNullOrWhiteSpace(code))
            return [new UserError(UserField.SetupCode, Texts.Setup_CodeMissing.With(FirstRun.CodeLabel))];
        var permit = await limiter.TryTakeSetupAsync(address);
        if (permit.RetryAfter is { } wait)
            return [new UserError(UserField.SetupCode, Texts.Setup_TooManyWrongCodes.With(RetryDelay.Describe(wait)))];
        try
        {
            return await writes.RunAsync(_ => SetUpInTurnAsync(code, wanted, permit, address));
        }
        catch
        {
            await permit.GiveBackAsync();
            throw;
        }
    }

    private async Task<IReadOnlyList<UserError>> SetUpInTurnAsync(string? code, NewUser wanted, SignInPermit permit, IPAddress? address)
    {
        if (!firstRun.IsCode(code))
            return [new UserError(UserField.SetupCode, Texts.Setup_WrongCode.With(FirstRun.CodeLabel))];
        await permit.GiveBackAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        if (await context.Users.AnyAsync())
            return [new UserError(UserField.SetupCode, Texts.Setup_AlreadyComplete)];
        var account = new Account { Id = NewAccountId(), Name = "Main account", CreatedAt = WholeSeconds.Now(clock) };
        context.Accounts.Add(account);
        var (user, faults) = await CreateUserAsync(account.Id, wanted, Role.Administrator);
        if (user is null)
            return faults;
        audit.Add(context, ActorOf(user, Role.Administrator, address), AuditAction.AccountCreated, account.Id, account.Name);
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
        firstRun.Complete();
        return [];
    }

    /// <summary>Creates a user with a role, within the caller's transaction if there is one.</summary>
    /// <returns>The user, or null and the errors.</returns>
    internal async Task<(PortalUser? User, IReadOnlyList<UserError> Faults)> CreateUserAsync(string accountId, NewUser wanted, Role role)
    {
        var (name, email) = (wanted.Name.Trim(), wanted.Email.Trim());
        if (AccountRules.Check(wanted).ToList() is { Count: > 0 } faults)
            return (null, faults);
        var user = new PortalUser { AccountId = accountId, DisplayName = name, UserName = email, Email = email, CreatedAt = clock.GetUtcNow().UtcDateTime };
        var created = await users.CreateAsync(user, wanted.Password);
        if (created.Succeeded)
            created = await users.AddToRoleAsync(user, role.ToString());
        return created.Succeeded ? (user, []) : (null, [.. created.Errors.Where(IsOfAField).Select(FaultOf)]);
    }

    /// <summary>Whether to report the error. The user name is the email address, so the error of the email address already covers it.</summary>
    private static bool IsOfAField(IdentityError error) => error.Code != nameof(IdentityErrorDescriber.DuplicateUserName);

    private static UserError FaultOf(IdentityError error) => new(
        error.Code.StartsWith("Password", StringComparison.Ordinal) ? UserField.Password : UserField.Email, error.Description);

    /// <summary>Ends the actor's session. Copies of its cookie become invalid too.</summary>
    public async Task SignOutAsync(Actor actor)
    {
        await signIn.SignOutAsync();
        if (actor.SessionId is null)
        {
            // It began before sessions were stored.
            if (await users.FindByIdAsync(actor.Id) is { } user)
                await users.UpdateSecurityStampAsync(user);
        }
        else if (await context.UserSessions.FindAsync(actor.SessionId) is { } session)
        {
            context.UserSessions.Remove(session);
        }

        audit.AddEvent(context, actor, AuditAction.UserSignedOut, actor.Id, actor.Name);
        await context.SaveChangesAsync();
    }

    private static Actor ActorOf(PortalUser user, Role role, IPAddress? address) =>
        new(ActorKind.User, user.Id, user.DisplayName, user.AccountId, role) { Address = AddressNumber.Write(address) };

    private static string NewAccountId() =>
        string.Create(CultureInfo.InvariantCulture, $"PA-{RandomNumberGenerator.GetInt32(1000):000}-{RandomNumberGenerator.GetInt32(1000):000}");
}
