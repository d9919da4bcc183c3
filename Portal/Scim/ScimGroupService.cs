using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Scim;

/// <summary>Creates, reads, changes and removes the groups of the directory, and gives their members the roles of the configuration.</summary>
public sealed class ScimGroupService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, AccessControl access, ScimRoles roles, TimeProvider clock)
{
    public const int MostMembers = 10_000;

    /// <summary>An audit entry names at most this many of the users who joined or left.</summary>
    private const int MostNamed = 100;

    /// <summary>Lists groups in the order of their creation.</summary>
    /// <param name="key">Only groups with these attributes; null: all.</param>
    /// <param name="withMembers">Whether to read the members, too.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IReadOnlyList<ScimGroupRecord>> ListAsync(Actor actor, ScimKey? key = null, bool withMembers = true, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await ReadAsync(context, actor, key, withMembers, cancellation);
    }

    /// <exception cref="ScimException">There is no such group.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimGroupRecord> FindAsync(Actor actor, string id, bool withMembers = true, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await FindAsync(context, actor, id, withMembers, cancellation);
    }

    /// <exception cref="ScimException">The input is invalid, or another group has the name.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimGroupRecord> CreateAsync(Actor actor, ScimGroupInput input, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        var name = CheckName(input);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var now = clock.GetUtcNow().UtcDateTime;
                var group = new ScimGroup
                {
                    Id = Guid.CreateVersion7().ToString(), AccountId = actor.AccountId, DisplayName = name, NameKey = KeyOf(name), ExternalId = input.ExternalId, CreatedAt = now, UpdatedAt = now,
                };
                await RequireFreeNameAsync(context, group, token);
                context.ScimGroups.Add(group);
                var (joined, _) = await SetMembersAsync(context, actor, group, input.MemberIds, token);
                audit.Add(context, actor, AuditAction.GroupCreated, group.Id, group.DisplayName, Describe(null, joined, []));
                await ApplyRolesAsync(context, actor, joined, token);
                await context.SaveChangesAsync(token);
                return await FindAsync(context, actor, group.Id, true, token);
            },
            cancellation);
    }

    /// <summary>Changes a group. Nothing happens if it already has the attributes.</summary>
    /// <param name="change">Computes the new attributes from the current ones.</param>
    /// <exception cref="ScimException">There is no such group, it has another version, the input is invalid, or no administrator would be left.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimGroupRecord> ChangeAsync(
        Actor actor, string id, ScimCondition condition, Func<ScimGroupRecord, ScimGroupInput> change, CancellationToken cancellation = default)
    {
        // Before the write's turn: a change of thousands of members takes long, and all other writes would wait.
        var expected = await FindAsync(actor, id, withMembers: true, cancellation);
        condition.Require(expected.Version);
        var computed = change(expected);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var before = await FindAsync(context, actor, id, true, token);
                condition.Require(before.Version);
                var input = before.Version == expected.Version && before.Members!.Count == expected.Members!.Count ? computed : change(before);
                var group = await context.ScimGroups.SingleAsync(group => group.Id == id, token);
                (group.DisplayName, group.ExternalId) = (CheckName(input), input.ExternalId);
                group.NameKey = KeyOf(group.DisplayName);
                await RequireFreeNameAsync(context, group, token);
                var (joined, left) = await SetMembersAsync(context, actor, group, input.MemberIds, token);
                if (joined.Count + left.Count == 0 && context.Entry(group).State == EntityState.Unchanged)
                    return before;
                group.UpdatedAt = clock.GetUtcNow().UtcDateTime;
                audit.Add(context, actor, AuditAction.GroupUpdated, group.Id, group.DisplayName, Describe(before.DisplayName == group.DisplayName ? null : before.DisplayName, joined, left));
                // With another name, the group can give all members another role.
                await ApplyRolesAsync(context, actor, before.DisplayName == group.DisplayName ? [.. joined, .. left] : [.. before.Members!, .. joined], token);
                await context.SaveChangesAsync(token);
                return await FindAsync(context, actor, id, true, token);
            },
            cancellation);
    }

    /// <summary>Removes a group. Its members lose the role that it gave them.</summary>
    /// <exception cref="ScimException">There is no such group, it has another version, or no administrator would be left.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task RemoveAsync(Actor actor, string id, ScimCondition condition, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var before = await FindAsync(context, actor, id, true, token);
                condition.Require(before.Version);
                var group = await context.ScimGroups.SingleAsync(group => group.Id == id, token);
                await SetMembersAsync(context, actor, group, [], token);
                context.ScimGroups.Remove(group);
                audit.Add(context, actor, AuditAction.GroupRemoved, group.Id, group.DisplayName, Describe(null, [], before.Members!));
                await ApplyRolesAsync(context, actor, before.Members!, token);
                await context.SaveChangesAsync(token);
            },
            cancellation);
    }

    /// <summary>Gives all users that the directory manages the roles of their groups. Needed after the mapping has changed.</summary>
    /// <exception cref="ScimException">No administrator would be left.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task ApplyRolesAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var users = await context.ScimUsers.Where(managed => context.Users.Any(user => user.Id == managed.UserId && user.AccountId == actor.AccountId))
                    .Select(managed => new ScimReference(managed.UserId, "")).ToListAsync(token);
                await ApplyRolesAsync(context, actor, users, token);
                await context.SaveChangesAsync(token);
            },
            cancellation);
    }

    private async Task ApplyRolesAsync(PortalDbContext context, Actor actor, IReadOnlyCollection<ScimReference> users, CancellationToken cancellation)
    {
        await roles.ApplyAsync(context, actor, [.. users.Select(user => user.Id).Distinct()], cancellation);
        if (context.ChangeTracker.Entries<PortalUser>().Any(user => user.State == EntityState.Modified))
            await roles.RequireAdministratorAsync(context, actor, cancellation);
    }

    /// <summary>Adds and removes members.</summary>
    /// <exception cref="ScimException">There are too many, or one isn't a user that the directory manages.</exception>
    private static async Task<(List<ScimReference> Joined, List<ScimReference> Left)> SetMembersAsync(
        PortalDbContext context, Actor actor, ScimGroup group, IReadOnlyCollection<string> memberIds, CancellationToken cancellation)
    {
        var wanted = memberIds.ToHashSet(StringComparer.Ordinal);
        if (wanted.Count > MostMembers)
            throw ScimException.InvalidValue($"A group can have at most {MostMembers} members. Split the group in the directory.");
        var members = await context.ScimGroupMembers.Where(member => member.GroupId == group.Id).ToDictionaryAsync(member => member.UserId, StringComparer.Ordinal, cancellation);
        string[] changed = [.. wanted.Where(id => !members.ContainsKey(id)), .. members.Keys.Where(id => !wanted.Contains(id))];
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var ids in changed.Chunk(500))
            foreach (var user in await context.Users.AsNoTracking()
                .Where(user => EF.Parameter(ids).Contains(user.Id) && user.AccountId == actor.AccountId && context.ScimUsers.Any(managed => managed.UserId == user.Id))
                .Select(user => new ScimReference(user.Id, user.DisplayName)).ToListAsync(cancellation))
                names[user.Id] = user.Name;
        foreach (var id in changed)
            if (members.TryGetValue(id, out var member))
                context.ScimGroupMembers.Remove(member);
            else if (names.ContainsKey(id))
                context.ScimGroupMembers.Add(new ScimGroupMember { GroupId = group.Id, UserId = id });
            else
                throw ScimException.InvalidValue($"members contains {ScimText.Quote(id)}, which isn't the ID of a user that SCIM manages. Create the user first. Groups can't contain groups.");
        var references = changed.Where(names.ContainsKey).Select(id => new ScimReference(id, names[id])).ToLookup(user => members.ContainsKey(user.Id));
        return ([.. references[false]], [.. references[true]]);
    }

    private static async Task RequireFreeNameAsync(PortalDbContext context, ScimGroup group, CancellationToken cancellation)
    {
        if (await context.ScimGroups.AnyAsync(other => other.AccountId == group.AccountId && other.NameKey == group.NameKey && other.Id != group.Id, cancellation))
            throw ScimException.NotUnique($"A group with the displayName {ScimText.Quote(group.DisplayName)} already exists.");
    }

    private static string CheckName(ScimGroupInput input)
    {
        var name = input.DisplayName ?? throw ScimException.InvalidValue("displayName is missing. Every group needs one.");
        ScimUserRules.CheckText(name, "displayName", ScimGroup.NameLength);
        ScimUserRules.CheckText(input.ExternalId, "externalId", ScimUser.ExternalIdLength);
        return name;
    }

    internal static string KeyOf(string name) => name.ToUpperInvariant();

    private static Dictionary<string, object?> Describe(string? formerName, IReadOnlyCollection<ScimReference> joined, IReadOnlyCollection<ScimReference> left)
    {
        var details = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (formerName is not null)
            details["former_name"] = formerName;
        foreach (var (name, users) in new[] { ("joined", joined), ("left", left) })
            if (users.Count > 0)
                (details[name], details[name + "_count"]) = (users.Take(MostNamed).Select(user => user.Name).ToArray(), users.Count);
        return details;
    }

    private static async Task<ScimGroupRecord> FindAsync(PortalDbContext context, Actor actor, string id, bool withMembers, CancellationToken cancellation) =>
        await ReadAsync(context, actor, new ScimKey(id, null, null), withMembers, cancellation) is [var group] ? group : throw ScimException.NotFound("group", id);

    private static async Task<List<ScimGroupRecord>> ReadAsync(PortalDbContext context, Actor actor, ScimKey? key, bool withMembers, CancellationToken cancellation)
    {
        var groups = context.ScimGroups.AsNoTracking().Where(group => group.AccountId == actor.AccountId);
        if (key?.Id is { } id)
            groups = groups.Where(group => group.Id == id);
        if (key?.Name is { } name && KeyOf(name) is var nameKey)
            groups = groups.Where(group => group.NameKey == nameKey);
        if (key?.ExternalId is { } externalId)
            groups = groups.Where(group => group.ExternalId == externalId);
        var rows = await groups.OrderBy(group => group.Id).ToListAsync(cancellation);
        var members = !withMembers ? null : (await (
            from member in context.ScimGroupMembers.AsNoTracking()
            where groups.Any(owner => owner.Id == member.GroupId)
            join user in context.Users on member.UserId equals user.Id
            orderby member.UserId
            select new { member.GroupId, User = new ScimReference(user.Id, user.DisplayName) }).ToListAsync(cancellation))
            .ToLookup(member => member.GroupId, member => member.User, StringComparer.Ordinal);
        return [.. rows.Select(row => new ScimGroupRecord(row.Id, row.DisplayName, row.ExternalId, members is null ? null : [.. members[row.Id]], row.CreatedAt, row.UpdatedAt))];
    }
}
