using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.Users;

/// <summary>Changes the role of users and whether they can sign in, ends their sessions, and adds audit entries. Callers check access, run in the
/// <see cref="WriteQueue"/> and save.</summary>
public sealed class UserAccess(AuditLog audit, TimeProvider clock)
{
    /// <summary>The end of the lock of a user whom a directory has enabled, but who has no role. They can sign in as soon as they have one.</summary>
    internal static readonly DateTimeOffset UntilRole = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal bool IsDisabled(PortalUser user) => user.LockoutEnabled && user.LockoutEnd > clock.GetUtcNow();

    /// <summary>Whether the user could sign in if they had a role.</summary>
    internal bool IsActive(PortalUser user) => !IsDisabled(user) || user.LockoutEnd == UntilRole;

    /// <summary>Gives the user a role instead of their former one. Their sessions end.</summary>
    /// <param name="role">Null: the user has no role, and can't sign in until they have one.</param>
    internal async Task SetRoleAsync(PortalDbContext context, Actor actor, PortalUser user, Role? role, CancellationToken cancellation)
    {
        var held = await context.UserRoles.Where(held => held.UserId == user.Id).ToListAsync(cancellation);
        string[] before = [.. held.Select(held => held.RoleId)];
        if (role is null ? before.Length == 0 && IsDisabled(user) : before is [var only] && only == role.ToString())
            return;
        context.UserRoles.RemoveRange(held);
        // Without a role, the user has no session: it ended with the former role, and nobody could sign in since. A directory gives many users
        // their first role at once.
        if (user.LockoutEnd != UntilRole)
            await UserService.EndSessionsAsync(context, user, cancellation);
        if (role is not Role.Administrator && user.LockoutEnd != UntilRole)
            await UserService.EndIssuedLinksAsync(context, user, cancellation);
        if (role is not null)
            context.UserRoles.Add(new IdentityUserRole<string> { UserId = user.Id, RoleId = role.Value.ToString() });
        if (role is null && !IsDisabled(user))
            (user.LockoutEnabled, user.LockoutEnd) = (true, UntilRole);
        else if (role is not null && user.LockoutEnd == UntilRole)
            user.LockoutEnd = null;
        if (role is null && before.Length == 0)
            return;
        audit.Add(context, actor, AuditAction.UserRoleChanged, user.Id, user.DisplayName, new Dictionary<string, object?>
        {
            ["role"] = new { from = string.Join(", ", before), to = role?.ToString() ?? "" },
        });
    }

    /// <summary>Prevents the user from signing in. The user's tokens keep working.</summary>
    internal async Task DisableAsync(PortalDbContext context, Actor actor, PortalUser user, CancellationToken cancellation)
    {
        if (!IsActive(user))
            return;
        (user.LockoutEnabled, user.LockoutEnd) = (true, DateTimeOffset.MaxValue);
        await UserService.EndSessionsAsync(context, user, cancellation);
        await UserService.EndIssuedLinksAsync(context, user, cancellation);
        audit.Add(context, actor, AuditAction.UserDisabled, user.Id, user.DisplayName);
    }

    /// <param name="hasRole">Whether the user has a role. Without one, they still can't sign in.</param>
    internal void Enable(PortalDbContext context, Actor actor, PortalUser user, bool hasRole)
    {
        if (IsActive(user))
            return;
        user.LockoutEnd = hasRole ? null : UntilRole;
        audit.Add(context, actor, AuditAction.UserEnabled, user.Id, user.DisplayName);
    }

    /// <summary>Removes the user. Tokens and audit entries keep the user's name.</summary>
    internal async Task RemoveAsync(PortalDbContext context, Actor actor, PortalUser user, CancellationToken cancellation)
    {
        foreach (var owner in await context.TokenOwners.Where(owner => owner.UserId == user.Id).ToListAsync(cancellation))
            (owner.UserId, owner.Name) = (null, user.DisplayName);
        context.Users.Remove(user);
        await UserService.EndIssuedLinksAsync(context, user, cancellation);
        audit.Add(context, actor, AuditAction.UserRemoved, user.Id, user.DisplayName, new Dictionary<string, object?> { ["email"] = user.Email });
    }

    /// <summary>Whether the account still has an administrator who can sign in after the changes that <paramref name="context"/> will save.</summary>
    internal async Task<bool> KeepsAdministratorAsync(PortalDbContext context, string accountId, CancellationToken cancellation)
    {
        // Loading keeps pending changes, and Local leaves out what will be deleted.
        await context.Users.Where(user => user.AccountId == accountId && context.UserRoles.Any(held => held.UserId == user.Id && held.RoleId == nameof(Role.Administrator))).LoadAsync(cancellation);
        await context.UserRoles.Where(held => held.RoleId == nameof(Role.Administrator) && context.Users.Any(user => user.Id == held.UserId && user.AccountId == accountId)).LoadAsync(cancellation);
        var administrators = context.UserRoles.Local.Where(held => held.RoleId == nameof(Role.Administrator)).Select(held => held.UserId).ToHashSet(StringComparer.Ordinal);
        return context.Users.Local.Any(user => user.AccountId == accountId && administrators.Contains(user.Id) && !IsDisabled(user));
    }
}
