using Microsoft.EntityFrameworkCore;
using Portal.Accounts.Sessions;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.SingleSignOn;

/// <summary>The sessions that a provider began.</summary>
public sealed class ProviderSessions(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, SignInProviders providers, IdTokenProtector tokens, AuditLog audit)
{
    /// <summary>Finds the provider that began a session, before the person signs out.</summary>
    /// <returns>The provider and the ID token, which may be missing; null: Portal itself began the session.</returns>
    internal async Task<(SignInProvider Provider, string? IdToken)?> FindAsync(string? sessionId, CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var session = await context.UserSessions.AsNoTracking().SingleOrDefaultAsync(session => session.Id == sessionId, cancellation);
        return providers.Find(session?.Provider) is { } provider ? (provider, tokens.Unprotect(session!.Id, session.ProtectedIdToken)) : null;
    }

    /// <summary>Ends sessions because the person has signed out at the provider. Their open pages close within seconds.</summary>
    /// <param name="subject">The provider's ID of the person; null: only <paramref name="sessionId"/> counts.</param>
    /// <param name="sessionId">The provider's ID of its session; null: all sessions of the person end.</param>
    /// <returns>The number of sessions that ended.</returns>
    internal Task<int> EndAsync(SignInProvider provider, string? subject, string? sessionId, CancellationToken cancellation = default) => writes.RunAsync(
        async token =>
        {
            await using var context = await contexts.CreateDbContextAsync(token);
            var ended = await context.UserSessions
                .Where(session => session.Provider == provider.Name
                    && (subject == null || session.ProviderSubject == subject) && (sessionId == null || session.ProviderSessionId == sessionId))
                .ToListAsync(token);
            context.UserSessions.RemoveRange(ended);
            foreach (var of in ended.GroupBy(session => session.UserId))
            {
                var user = await context.Users.AsNoTracking().SingleAsync(user => user.Id == of.Key, token);
                audit.Add(
                    context, ProviderRoles.ActorOf(provider, user), AuditAction.SessionsEnded, user.Id, user.DisplayName,
                    new Dictionary<string, object?> { ["sessions"] = of.Count(), ["provider"] = provider.Name });
            }

            await context.SaveChangesAsync(token);
            return ended.Count;
        },
        cancellation);
}
