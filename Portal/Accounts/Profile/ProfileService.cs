using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.Profile;

/// <summary>What users see of themselves.</summary>
public sealed record UserProfile(string Name, string Email, Role Role, UserPreferences Preferences);

/// <summary>Reads and changes the actor's own name and preferences.</summary>
public sealed class ProfileService(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, AuditLog audit)
{
    public async Task<UserProfile> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == actor.Id, cancellation);
        return new UserProfile(user.DisplayName, user.Email ?? "", actor.Role, UserPreferences.Of(user));
    }

    /// <summary>Changes the name that tokens and the audit log show from now on. Earlier entries keep the former name.</summary>
    /// <returns>The error message; null: the name was changed.</returns>
    public async Task<string?> ChangeNameAsync(Actor actor, string name, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var wanted = name?.Trim() ?? "";
        if (AccountRules.CheckName(wanted) is { } fault)
            return fault;
        await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var user = await context.Users.SingleAsync(user => user.Id == actor.Id, token);
                if (user.DisplayName == wanted)
                    return;
                audit.Add(context, actor, AuditAction.UserRenamed, user.Id, wanted, new Dictionary<string, object?> { ["name"] = new { from = user.DisplayName, to = wanted } });
                user.DisplayName = wanted;
                await context.SaveChangesAsync(token);
            },
            cancellation);
        return null;
    }

    /// <summary>Changes how the actor sees the pages. Values that don't exist become null.</summary>
    /// <returns>The stored values.</returns>
    public async Task<UserPreferences> ChangePreferencesAsync(Actor actor, UserPreferences preferences, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        var wanted = preferences.Clean();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var user = await context.Users.SingleAsync(user => user.Id == actor.Id, cancellation);
        // Without an audit entry: it changes only what the user sees.
        (user.Theme, user.Language, user.TimeZone) = wanted;
        await context.SaveChangesAsync(cancellation);
        return wanted;
    }
}
