using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.SingleSignOn;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;

namespace Portal.Accounts.Users;

/// <summary>Changes users: their role, whether they can sign in, and their password. Every change ends the user's sessions.</summary>
/// <remarks>An administrator can't change their own user here. An account therefore always keeps an administrator, and nobody locks themselves out
/// by mistake.</remarks>
public sealed class UserService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, AccessControl access, OneTimeLinks links, LinkMails mails,
    SignInProviders providers, UserAccess userAccess, IOptions<ManagedUsers> managed)
{
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> ChangeRoleAsync(Actor actor, string userId, Role role, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: role == Role.Administrator, async (context, user, token) =>
        {
            if (managed.Value.GroupsDecideRoles && await IsManagedAsync(context, user, token))
                return new UserOutcome.Refused(Texts.Users_RoleByGroups);
            await userAccess.SetRoleAsync(context, actor, user, role, token);
            return new UserOutcome.Done();
        }, cancellation);

    /// <summary>Prevents the user from signing in. The user's tokens keep working.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> DisableAsync(Actor actor, string userId, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: false, async (context, user, token) =>
        {
            await userAccess.DisableAsync(context, actor, user, token);
            return new UserOutcome.Done();
        }, cancellation);

    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> EnableAsync(Actor actor, string userId, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: true, async (context, user, token) =>
        {
            if (await IsManagedAsync(context, user, token) && !await context.UserRoles.AnyAsync(held => held.UserId == user.Id, token))
                return new UserOutcome.Refused(managed.Value.GroupsDecideRoles ? Texts.Users_NoRoleByGroups : Texts.Users_NoRoleYet);
            userAccess.Enable(context, actor, user, hasRole: true);
            return new UserOutcome.Done();
        }, cancellation);

    /// <summary>Removes the user. Tokens and audit entries keep the user's name.</summary>
    /// <param name="newOwner">The owner of the user's tokens from now on; null: nobody.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> RemoveAsync(Actor actor, string userId, OwnerChoice? newOwner = null, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: false, async (context, user, token) =>
        {
            if (await HandOverAsync(context, user, newOwner ?? OwnerChoice.None, token) is { } fault)
                return new UserOutcome.Refused(fault);
            context.Users.Remove(user);
            await EndIssuedLinksAsync(context, user, token);
            audit.Add(context, actor, AuditAction.UserRemoved, user.Id, user.DisplayName, new Dictionary<string, object?> { ["email"] = user.Email, ["tokens_to"] = newOwner?.Code });
            return new UserOutcome.Done();
        }, cancellation);

    /// <summary>Makes someone else the owner of all tokens of the user.</summary>
    /// <returns>Done, NotFound, or Refused if the new owner doesn't exist or is the same.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> HandOverTokensAsync(Actor actor, string userId, OwnerChoice newOwner, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: true, async (context, user, token) =>
        {
            if (await HandOverAsync(context, user, newOwner, token) is { } fault)
                return new UserOutcome.Refused(fault);
            audit.Add(context, actor, AuditAction.TokensHandedOver, user.Id, user.DisplayName, new Dictionary<string, object?> { ["tokens_to"] = newOwner.Code });
            return new UserOutcome.Done();
        }, cancellation);

    /// <summary>Changes the owner of all tokens of a user, however many there are: tokens refer to a row that names the owner.</summary>
    /// <returns>Why it isn't possible; null: done.</returns>
    private static async Task<string?> HandOverAsync(PortalDbContext context, PortalUser user, OwnerChoice newOwner, CancellationToken cancellation)
    {
        if (newOwner.UserId == user.Id)
            return Texts.Users_HandOverSame;
        if (await TokenOwnerStore.CheckAsync(context, user.AccountId, newOwner, cancellation) is { } fault)
            return fault;
        var owners = await context.TokenOwners.Where(owner => owner.UserId == user.Id).ToListAsync(cancellation);
        if (await PolicyStore.CheckHandOverAsync(context, user.AccountId, [.. owners.Select(owner => owner.Id)], newOwner, cancellation) is { } violation)
            return $"{violation.Sentence} {Texts.Policy_OtherOwner}";
        var name = newOwner.Team ?? await context.Users.Where(other => other.Id == newOwner.UserId).Select(other => other.DisplayName).SingleOrDefaultAsync(cancellation) ?? user.DisplayName;
        foreach (var owner in owners)
            (owner.UserId, owner.Name, owner.TeamKey) = (newOwner.UserId, name, newOwner.Team is { } team ? OwnerChoice.TeamKey(team) : null);
        return null;
    }

    /// <summary>Removes the user's authenticator app, recovery codes and passkeys, for example because their phone is lost. Sessions end, and a password is
    /// enough to sign in.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> RemoveSecondFactorAsync(Actor actor, string userId, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: true, async (context, user, token) =>
        {
            if (await SecondFactorService.RemoveAllAsync(context, user, token) is not { } passkeys)
                return new UserOutcome.Done();
            await EndSessionsAsync(context, user, token);
            audit.Add(context, actor, AuditAction.SecondFactorRemoved, user.Id, user.DisplayName, new Dictionary<string, object?> { ["passkeys"] = passkeys });
            return new UserOutcome.Done();
        }, cancellation);

    /// <summary>Ends the user's password and sessions, and creates a link with which the user sets a new password.</summary>
    /// <returns>Done, with the link; or Refused, if the configuration allows no passwords.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public Task<UserOutcome> ResetPasswordAsync(Actor actor, string userId, CancellationToken cancellation = default) =>
        ChangeAsync(actor, userId, leavesAdministrator: true, async (context, user, token) =>
        {
            if (!providers.AllowPassword)
                return new UserOutcome.Refused(Texts.Users_PasswordsOff);
            if (user.Email is null)
                return new UserOutcome.Refused(Texts.Users_NoEmail);
            user.PasswordHash = null;
            await EndSessionsAsync(context, user, token);
            var issued = await links.IssueForPasswordAsync(context, actor, user, token);
            audit.Add(context, actor, AuditAction.PasswordReset, user.Id, user.DisplayName);
            return new UserOutcome.Done(issued);
        }, cancellation);

    /// <param name="leavesAdministrator">Whether the user can still be an administrator who signs in after the change.</param>
    private async Task<UserOutcome> ChangeAsync(
        Actor actor, string userId, bool leavesAdministrator, Func<PortalDbContext, PortalUser, CancellationToken, Task<UserOutcome>> change,
        CancellationToken cancellation)
    {
        await access.RequireProofAsync(actor, Role.Administrator, cancellation);
        var outcome = await writes.RunAsync<UserOutcome>(
            async token =>
            {
                // Again: while this waited for its turn, another administrator may have changed the actor.
                await access.RequireProofAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                if (await context.Users.SingleOrDefaultAsync(user => user.Id == userId && user.AccountId == actor.AccountId, token) is not { } user)
                    return new UserOutcome.NotFound();
                if (user.Id == actor.Id)
                    return new UserOutcome.Refused(Texts.Users_NotYourself);
                if (!leavesAdministrator && !await HasOtherAdministratorAsync(context, user, token))
                    return new UserOutcome.Refused(Texts.Users_LastAdministrator);
                var outcome = await change(context, user, token);
                // Without an explicit transaction: other parts learn of the change after it is committed.
                await context.SaveChangesAsync(token);
                return outcome;
            },
            cancellation);
        // After the change, which is done even if the mail can't be sent.
        return outcome is UserOutcome.Done { Link: { } link } ? new UserOutcome.Done(await mails.SendAsync(link, actor.Name, CancellationToken.None)) : outcome;
    }

    internal async Task<bool> HasOtherAdministratorAsync(PortalDbContext context, PortalUser user, CancellationToken cancellation)
    {
        var others =
            from held in context.UserRoles
            where held.RoleId == nameof(Role.Administrator) && held.UserId != user.Id
            join other in context.Users.AsNoTracking() on held.UserId equals other.Id
            where other.AccountId == user.AccountId
            select other;
        return (await others.ToListAsync(cancellation)).Exists(other => !userAccess.IsDisabled(other));
    }

    private static Task<bool> IsManagedAsync(PortalDbContext context, PortalUser user, CancellationToken cancellation) =>
        context.ScimUsers.AnyAsync(managed => managed.UserId == user.Id, cancellation);

    /// <summary>Ends all sessions, also those that began before Portal stored them.</summary>
    internal static async Task EndSessionsAsync(PortalDbContext context, PortalUser user, CancellationToken cancellation)
    {
        (user.SecurityStamp, user.ConcurrencyStamp) = (Guid.CreateVersion7().ToString("N"), Guid.CreateVersion7().ToString());
        context.UserSessions.RemoveRange(await context.UserSessions.Where(session => session.UserId == user.Id).ToListAsync(cancellation));
    }

    /// <summary>Ends the links that the user handed out: with one of them, they could become an administrator again.</summary>
    internal static async Task EndIssuedLinksAsync(PortalDbContext context, PortalUser user, CancellationToken cancellation) =>
        context.OneTimeLinks.RemoveRange(await context.OneTimeLinks.Where(link => link.CreatedById == user.Id).ToListAsync(cancellation));
}
