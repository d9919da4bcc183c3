using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Data;

namespace Portal.Scim;

/// <summary>Gives users the roles of their groups. Callers run in the <see cref="WriteQueue"/> and save.</summary>
public sealed class ScimRoles(IOptions<ScimOptions> options, UserAccess userAccess)
{
    /// <summary>Gives users the role that their groups give after the changes that <paramref name="context"/> will save.</summary>
    internal async Task ApplyAsync(PortalDbContext context, Actor actor, IReadOnlyCollection<string> userIds, CancellationToken cancellation)
    {
        if (options.Value.Roles.IsEmpty)
            return;
        foreach (var ids in userIds.Chunk(500))
        {
            // Loading keeps pending changes, and Local leaves out what will be deleted.
            await context.ScimGroupMembers.Where(member => EF.Parameter(ids).Contains(member.UserId)).LoadAsync(cancellation);
            await context.ScimGroups.Where(group => context.ScimGroupMembers.Any(member => member.GroupId == group.Id && EF.Parameter(ids).Contains(member.UserId))).LoadAsync(cancellation);
            await context.Users.Where(user => EF.Parameter(ids).Contains(user.Id)).LoadAsync(cancellation);
            await context.UserRoles.Where(held => EF.Parameter(ids).Contains(held.UserId)).LoadAsync(cancellation);
        }

        var names = context.ScimGroups.Local.ToDictionary(group => group.Id, group => group.DisplayName, StringComparer.Ordinal);
        var groups = context.ScimGroupMembers.Local.Where(member => names.ContainsKey(member.GroupId)).ToLookup(member => member.UserId, member => names[member.GroupId], StringComparer.Ordinal);
        var wanted = userIds.ToHashSet(StringComparer.Ordinal);
        var held = context.UserRoles.Local.ToLookup(role => role.UserId, role => role.RoleId, StringComparer.Ordinal);
        foreach (var user in context.Users.Local.Where(user => wanted.Contains(user.Id)).ToList())
            if ((HighestOf([.. groups[user.Id]]) ?? options.Value.DefaultRole) is var role && !(held[user.Id].ToList() is [var only] && only == role?.ToString()))
                await userAccess.SetRoleAsync(context, actor, user, role, cancellation);
    }

    /// <returns>The highest role that one of the groups gives; null: none.</returns>
    private Role? HighestOf(string[] groups)
    {
        var mapping = options.Value.Roles;
        bool IsIn(List<string> names) => names.Exists(name => groups.Contains(name.Trim(), StringComparer.OrdinalIgnoreCase));
        return IsIn(mapping.Administrator) ? Role.Administrator : IsIn(mapping.Operator) ? Role.Operator : IsIn(mapping.Viewer) ? Role.Viewer : null;
    }

    /// <summary>Gives a new user the first role. Without a mapping of groups, administrators change it later.</summary>
    internal Task BeginAsync(PortalDbContext context, Actor actor, PortalUser user, CancellationToken cancellation) =>
        userAccess.SetRoleAsync(context, actor, user, options.Value.DefaultRole, cancellation);

    /// <summary>Refuses changes after which nobody could administer Portal.</summary>
    /// <exception cref="ScimException">No administrator would be left.</exception>
    internal async Task RequireAdministratorAsync(PortalDbContext context, Actor actor, CancellationToken cancellation)
    {
        if (!await userAccess.KeepsAdministratorAsync(context, actor.AccountId, cancellation))
            throw ScimException.LastAdministrator();
    }
}
