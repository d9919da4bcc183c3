using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SingleSignOn;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Users;

/// <summary>The person and account that a link belongs to.</summary>
/// <param name="Name">The name of the user; null: the link is an invitation.</param>
/// <param name="Role">The role of the new user; null: the link is for a new password.</param>
public sealed record OpenedLink(string Email, string AccountName, string? Name, Role? Role);

/// <summary>Uses one-time links: accepts invitations and sets new passwords. The code proves that the person has the link.</summary>
public sealed class OneTimeLinkService(
    PortalDbContext context, WriteQueue writes, UserManager<PortalUser> users, IPasswordHasher<PortalUser> hasher, OneTimeLinks links, SignInProviders providers,
    AuditLog audit, TimeProvider clock)
{
    /// <summary>Finds out what a link is for.</summary>
    /// <returns>Null: the link doesn't work, or no longer.</returns>
    public async Task<OpenedLink?> OpenAsync(OneTimeLinkPurpose purpose, string? code, CancellationToken cancellation = default)
    {
        if (await links.FindAsync(context, purpose, code, cancellation) is not { } link)
            return null;
        var account = await context.Accounts.AsNoTracking().SingleAsync(account => account.Id == link.AccountId, cancellation);
        var user = link.UserId is null ? null : await users.FindByIdAsync(link.UserId);
        return new OpenedLink(link.Email, account.Name, user?.DisplayName, link.Role is null ? null : Enum.Parse<Role>(link.Role));
    }

    /// <summary>Creates the user that the link invites. The link ends.</summary>
    /// <param name="address">The address of the client; null: unknown.</param>
    /// <returns>The errors; empty: the user was created.</returns>
    public async Task<IReadOnlyList<UserError>> AcceptAsync(
        string? code, string name, string password, IPAddress? address = null, CancellationToken cancellation = default)
    {
        if (!providers.AllowPassword)
            return PasswordsOff;
        if (await links.FindAsync(context, OneTimeLinkPurpose.Invitation, code, cancellation) is not { } found)
            return LinkEnded;
        var wanted = new NewUser(name, found.Email, password);
        if (AccountRules.Check(wanted).ToList() is { Count: > 0 } faults)
            return faults;
        var user = new PortalUser
        {
            AccountId = found.AccountId, DisplayName = name.Trim(), UserName = found.Email, Email = found.Email, CreatedAt = clock.GetUtcNow().UtcDateTime,
        };
        // Before the write's turn: hashing takes much longer than the write.
        user.PasswordHash = hasher.HashPassword(user, password);
        return await writes.RunAsync(token => AcceptInTurnAsync(code, user, address, token), cancellation);
    }

    private async Task<IReadOnlyList<UserError>> AcceptInTurnAsync(string? code, PortalUser user, IPAddress? address, CancellationToken cancellation)
    {
        // Again: it may have been used or withdrawn meanwhile.
        context.ChangeTracker.Clear();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        if (await links.FindAsync(context, OneTimeLinkPurpose.Invitation, code, cancellation) is not { } link)
            return LinkEnded;
        var created = await users.CreateAsync(user);
        if (created.Succeeded)
            created = await users.AddToRoleAsync(user, link.Role!);
        if (!created.Succeeded)
            return [.. created.Errors.Take(1).Select(error => new UserError(UserField.Email, error.Description))];
        context.OneTimeLinks.Remove(link);
        var role = Enum.Parse<Role>(link.Role!);
        audit.Add(context, ActorOf(user, role, address), AuditAction.UserCreated, user.Id, user.DisplayName, new Dictionary<string, object?>
        {
            ["email"] = user.Email, ["role"] = link.Role, ["invitedBy"] = link.CreatedByName,
        });
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return [];
    }

    /// <summary>Sets the password of the user that the link belongs to. The link and the user's sessions end.</summary>
    /// <param name="address">The address of the client; null: unknown.</param>
    /// <returns>The errors; empty: the password was set.</returns>
    public async Task<IReadOnlyList<UserError>> SetPasswordAsync(
        string? code, string password, IPAddress? address = null, CancellationToken cancellation = default)
    {
        if (!providers.AllowPassword)
            return PasswordsOff;
        if (await links.FindAsync(context, OneTimeLinkPurpose.NewPassword, code, cancellation) is not { } found || await users.FindByIdAsync(found.UserId!) is not { } owner)
            return LinkEnded;
        if (AccountRules.CheckPassword(password, owner.DisplayName, found.Email) is { } fault)
            return [new UserError(UserField.Password, fault)];
        var hash = hasher.HashPassword(owner, password);
        return await writes.RunAsync<IReadOnlyList<UserError>>(
            async token =>
            {
                context.ChangeTracker.Clear();
                if (await links.FindAsync(context, OneTimeLinkPurpose.NewPassword, code, token) is not { } link)
                    return LinkEnded;
                var user = await context.Users.SingleAsync(user => user.Id == link.UserId, token);
                user.PasswordHash = hash;
                await UserService.EndSessionsAsync(context, user, token);
                context.OneTimeLinks.Remove(link);
                audit.Add(context, ActorOf(user, Role.Viewer, address), AuditAction.PasswordChanged, user.Id, user.DisplayName);
                await context.SaveChangesAsync(token);
                return [];
            },
            cancellation);
    }

    private static IReadOnlyList<UserError> LinkEnded => [new UserError(UserField.Link, Texts.OneTimeLink_Ended)];

    private static IReadOnlyList<UserError> PasswordsOff => [new UserError(UserField.Link, Texts.Login_PasswordsOff)];

    private static Actor ActorOf(PortalUser user, Role role, IPAddress? address) =>
        new(ActorKind.User, user.Id, user.DisplayName, user.AccountId, role) { Address = AddressNumber.Write(address) };
}
