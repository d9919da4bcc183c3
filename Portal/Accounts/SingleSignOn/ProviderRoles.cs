using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Gives users the roles that their groups at a provider have. Callers run in the <see cref="WriteQueue"/>.</summary>
public sealed partial class ProviderRoles(UserService users, UserAccess access, IOptions<ManagedUsers> managed, AuditLog audit, ILogger<ProviderRoles> logger)
{
    /// <summary>Compares the role with the groups. If it changes, the user's sessions end.</summary>
    /// <returns>NoRole: none of the groups has a role, and the user's sessions have ended; null: the user may sign in.</returns>
    internal async Task<SignInProblem?> UpdateAsync(PortalDbContext context, PortalUser user, ProviderIdentity identity, CancellationToken cancellation)
    {
        var settings = identity.Provider.Options;
        if (!settings.UpdateRoles || settings.Roles.IsEmpty)
            return null;
        if (managed.Value.GroupsDecideRoles && await context.ScimUsers.AnyAsync(managed => managed.UserId == user.Id, cancellation))
            return null;
        if (identity.Role is not { } role)
        {
            await EndSessionsAsync(context, user, identity.Provider, cancellation);
            return SignInProblem.NoRole;
        }

        if (role < Role.Administrator && await context.UserRoles.AnyAsync(held => held.UserId == user.Id && held.RoleId == nameof(Role.Administrator), cancellation) && !await users.HasOtherAdministratorAsync(context, user, cancellation))
        {
            LogLastAdministrator(identity.Provider.Name, user.Id, role);
            return null;
        }

        await access.SetRoleAsync(context, ActorOf(identity.Provider, user, identity.Address), user, role, cancellation);
        await context.SaveChangesAsync(cancellation);
        return null;
    }

    /// <summary>Ends the sessions of a user whom the provider no longer lets in.</summary>
    internal async Task EndSessionsAsync(PortalDbContext context, PortalUser user, SignInProvider provider, CancellationToken cancellation)
    {
        var sessions = await context.UserSessions.Where(session => session.UserId == user.Id && session.Provider == provider.Name).ToListAsync(cancellation);
        if (sessions.Count == 0)
            return;
        context.UserSessions.RemoveRange(sessions);
        audit.Add(context, ActorOf(provider, user), AuditAction.SessionsEnded, user.Id, user.DisplayName, new Dictionary<string, object?> { ["sessions"] = sessions.Count });
        await context.SaveChangesAsync(cancellation);
    }

    /// <summary>The provider as the one who made a change.</summary>
    internal static Actor ActorOf(SignInProvider provider, PortalUser user, string? address = null) =>
        new(ActorKind.System, $"provider:{provider.Name}", provider.DisplayName, user.AccountId, Role.Viewer) { Address = address };

    [LoggerMessage(Level = LogLevel.Warning, Message = "By the groups of {Provider}, the user {UserId} is {Role}, but stays the last Administrator. Make someone else an administrator")]
    private partial void LogLastAdministrator(string provider, string userId, Role role);
}
