using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Users;

/// <summary>Lists the people of an account.</summary>
public sealed class UserReader(IDbContextFactory<PortalDbContext> contexts, UserStates states, AccessControl access, IOptions<ManagedUsers> managed,
    TimeProvider clock)
{
    /// <summary>Lists all users in order of name, and the invitations, newest first.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<UserList> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var users = await context.Users.AsNoTracking()
            .Where(user => user.AccountId == actor.AccountId)
            .Select(user => new
            {
                user.Id, user.DisplayName, user.Email, user.CreatedAt, user.LastSignInAt,
                HasSecondFactor = context.UserSecondFactors.Any(factor => factor.UserId == user.Id && factor.ConfirmedAt != null),
                IsManaged = context.ScimUsers.Any(managed => managed.UserId == user.Id),
                HasRole = context.UserRoles.Any(held => held.UserId == user.Id),
                Passkeys = context.UserPasskeys.Count(passkey => passkey.UserId == user.Id),
            })
            .ToListAsync(cancellation);
        var links = await context.OneTimeLinks.AsNoTracking().Where(link => link.AccountId == actor.AccountId).ToListAsync(cancellation);
        var newPasswords = links.Where(link => link.Purpose == OneTimeLinkPurpose.NewPassword && link.ExpiresAt > now).ToDictionary(link => link.UserId!, link => link.ExpiresAt);
        var state = await states.ReadAsync([.. users.Select(user => user.Id)], cancellation);
        var entries =
            from user in users
            where state.ContainsKey(user.Id) // else removed since
            select new UserEntry(
                user.Id, user.DisplayName, user.Email ?? "", state[user.Id].Role, state[user.Id].IsLockedOut, user.CreatedAt, user.LastSignInAt,
                user.HasSecondFactor, newPasswords.TryGetValue(user.Id, out var until) ? until : null,
                user.IsManaged, user.IsManaged && !user.HasRole, user.Passkeys, state[user.Id].SecondFactorDueAt);
        return new UserList(
            [.. entries.OrderBy(user => user.Name, NameCollation.ForReader).ThenBy(user => user.Email, StringComparer.Ordinal)],
            [
                .. links.Where(link => link.Purpose == OneTimeLinkPurpose.Invitation).OrderByDescending(link => link.Id)
                    .Select(link => new InvitationEntry(link.Id, link.Email, Enum.Parse<Role>(link.Role!), link.CreatedAt, link.CreatedByName, link.ExpiresAt)),
            ],
            managed.Value.GroupsDecideRoles);
    }
}
