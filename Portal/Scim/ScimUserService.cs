using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;

namespace Portal.Scim;

/// <summary>Creates, reads, changes and removes the users that the directory manages. It doesn't see other users.</summary>
public sealed class ScimUserService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, AccessControl access, UserAccess userAccess, ScimRoles roles,
    ILookupNormalizer normalizer, TimeProvider clock)
{
    /// <summary>Lists users in the order of their creation.</summary>
    /// <param name="key">Only users with these attributes; null: all.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IReadOnlyList<ScimUserRecord>> ListAsync(Actor actor, ScimKey? key = null, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        if (key?.Name is { } name && !ScimUserRules.IsText(name))
            return [];
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await ReadAsync(context, actor, key, cancellation);
    }

    /// <exception cref="ScimException">There is no such user.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimUserRecord> FindAsync(Actor actor, string id, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await FindAsync(context, actor, id, cancellation);
    }

    /// <exception cref="ScimException">The input is invalid, or another user has the name or the email address.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimUserRecord> CreateAsync(Actor actor, ScimUserInput input, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        var wanted = ScimUserRules.Check(input);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var now = clock.GetUtcNow().UtcDateTime;
                var user = new PortalUser
                {
                    Id = Guid.CreateVersion7().ToString(), AccountId = actor.AccountId, DisplayName = wanted.DisplayName!, CreatedAt = now, LockoutEnabled = true,
                    SecurityStamp = Guid.CreateVersion7().ToString("N"),
                };
                var managed = new ScimUser { UserId = user.Id, CreatedAt = now, UpdatedAt = now };
                await SetAsync(context, user, managed, wanted, token);
                context.Users.Add(user);
                context.ScimUsers.Add(managed);
                audit.Add(context, actor, AuditAction.UserCreated, user.Id, user.DisplayName, new Dictionary<string, object?>
                {
                    ["user_name"] = user.UserName, ["email"] = user.Email, ["external_id"] = managed.ExternalId,
                });
                await roles.BeginAsync(context, actor, user, token);
                if (wanted.IsActive == false)
                    await userAccess.DisableAsync(context, actor, user, token);
                await context.SaveChangesAsync(token);
                return await FindAsync(context, actor, user.Id, token);
            },
            cancellation);
    }

    /// <summary>Changes a user. Nothing happens if it already has the attributes.</summary>
    /// <param name="change">Computes the new attributes from the current ones.</param>
    /// <exception cref="ScimException">There is no such user, it has another version, the input is invalid, or no administrator would be left.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<ScimUserRecord> ChangeAsync(
        Actor actor, string id, ScimCondition condition, Func<ScimUserRecord, ScimUserInput> change, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var before = await FindAsync(context, actor, id, token);
                condition.Require(before.Version);
                var wanted = ScimUserRules.Check(change(before));
                var user = await context.Users.SingleAsync(user => user.Id == id, token);
                var managed = await context.ScimUsers.SingleAsync(managed => managed.UserId == id, token);
                await SetAsync(context, user, managed, wanted, token);
                if (context.Entry(user).State == EntityState.Modified || context.Entry(managed).State == EntityState.Modified)
                {
                    managed.UpdatedAt = clock.GetUtcNow().UtcDateTime;
                    audit.Add(context, actor, AuditAction.UserUpdated, user.Id, user.DisplayName, DifferencesOf(before, user, managed));
                    // Links for a new password were sent to the former address.
                    if (before.Email != user.Email)
                        context.OneTimeLinks.RemoveRange(await context.OneTimeLinks.Where(link => link.UserId == id).ToListAsync(token));
                }

                if (wanted.IsActive is { } active && active != before.IsActive)
                    await SetActiveAsync(context, actor, user, managed, active, token);
                await context.SaveChangesAsync(token);
                return await FindAsync(context, actor, id, token);
            },
            cancellation);
    }

    /// <summary>Removes a user. Their sessions end, and their tokens keep working.</summary>
    /// <exception cref="ScimException">There is no such user, it has another version, or no administrator would be left.</exception>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task RemoveAsync(Actor actor, string id, ScimCondition condition, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Administrator, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                condition.Require((await FindAsync(context, actor, id, token)).Version);
                await userAccess.RemoveAsync(context, actor, await context.Users.SingleAsync(user => user.Id == id, token), token);
                await roles.RequireAdministratorAsync(context, actor, token);
                await context.SaveChangesAsync(token);
            },
            cancellation);
    }

    private async Task SetActiveAsync(PortalDbContext context, Actor actor, PortalUser user, ScimUser managed, bool active, CancellationToken cancellation)
    {
        managed.UpdatedAt = clock.GetUtcNow().UtcDateTime;
        if (active)
        {
            userAccess.Enable(context, actor, user, await context.UserRoles.AnyAsync(held => held.UserId == user.Id, cancellation));
            return;
        }

        await userAccess.DisableAsync(context, actor, user, cancellation);
        await roles.RequireAdministratorAsync(context, actor, cancellation);
    }

    /// <summary>Sets what differs.</summary>
    /// <exception cref="ScimException">Another user has the name or the email address.</exception>
    private async Task SetAsync(PortalDbContext context, PortalUser user, ScimUser managed, ScimUserInput wanted, CancellationToken cancellation)
    {
        var (name, email) = (normalizer.NormalizeName(wanted.UserName), normalizer.NormalizeEmail(wanted.Email));
        // Of any account: a person signs in by their name or address alone.
        if (await context.Users.AnyAsync(other => other.NormalizedUserName == name && other.Id != user.Id, cancellation))
            throw ScimException.NotUnique($"A user with the userName {ScimText.Quote(wanted.UserName!)} already exists. If the directory didn't create this user, an administrator can remove them in Portal.");
        if (email is not null && await context.Users.AnyAsync(other => other.NormalizedEmail == email && other.Id != user.Id, cancellation))
            throw ScimException.NotUnique($"A user with the email address {ScimText.Quote(wanted.Email!)} already exists. If the directory didn't create this user, an administrator can remove them in Portal.");
        (user.UserName, user.NormalizedUserName, user.Email, user.NormalizedEmail) = (wanted.UserName, name, wanted.Email, email);
        user.DisplayName = wanted.DisplayName!;
        (managed.ExternalId, managed.GivenName, managed.FamilyName) = (wanted.ExternalId, wanted.GivenName, wanted.FamilyName);
    }

    private static Dictionary<string, object?> DifferencesOf(ScimUserRecord before, PortalUser user, ScimUser managed)
    {
        (string Name, string? From, string? To)[] attributes =
        [
            ("user_name", before.UserName, user.UserName), ("name", before.DisplayName, user.DisplayName), ("email", before.Email, user.Email),
            ("given_name", before.GivenName, managed.GivenName), ("family_name", before.FamilyName, managed.FamilyName), ("external_id", before.ExternalId, managed.ExternalId),
        ];
        return attributes.Where(attribute => attribute.From != attribute.To)
            .ToDictionary(attribute => attribute.Name, attribute => (object?)new { from = attribute.From, to = attribute.To }, StringComparer.Ordinal);
    }

    private async Task<ScimUserRecord> FindAsync(PortalDbContext context, Actor actor, string id, CancellationToken cancellation) =>
        await ReadAsync(context, actor, new ScimKey(id, null, null), cancellation) is [var user] ? user : throw ScimException.NotFound("user", id);

    private async Task<List<ScimUserRecord>> ReadAsync(PortalDbContext context, Actor actor, ScimKey? key, CancellationToken cancellation)
    {
        var users = context.Users.AsNoTracking().Where(user => user.AccountId == actor.AccountId);
        var managedUsers = context.ScimUsers.AsNoTracking();
        if (key?.Id is { } id)
            users = users.Where(user => user.Id == id);
        if (normalizer.NormalizeName(key?.Name) is { } name)
            users = users.Where(user => user.NormalizedUserName == name);
        if (key?.ExternalId is { } externalId)
            managedUsers = managedUsers.Where(managed => managed.ExternalId == externalId);
        var found =
            from user in users
            join managed in managedUsers on user.Id equals managed.UserId
            orderby user.Id
            select new { User = user, Managed = managed };
        var rows = await found.ToListAsync(cancellation);
        var groups = (await (
            from member in context.ScimGroupMembers.AsNoTracking()
            where found.Any(row => row.User.Id == member.UserId)
            join joined in context.ScimGroups on member.GroupId equals joined.Id
            orderby joined.Id
            select new { member.UserId, Group = new ScimReference(joined.Id, joined.DisplayName) }).ToListAsync(cancellation))
            .ToLookup(member => member.UserId, member => member.Group, StringComparer.Ordinal);
        return
        [
            .. rows.Select(row => new ScimUserRecord(
                row.User.Id, row.User.UserName!, row.User.DisplayName, row.Managed.GivenName, row.Managed.FamilyName, row.User.Email, row.Managed.ExternalId,
                userAccess.IsActive(row.User), [.. groups[row.User.Id]], row.Managed.CreatedAt, row.Managed.UpdatedAt)),
        ];
    }
}
