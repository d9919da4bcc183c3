using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>A browser in which the actor is signed in.</summary>
/// <param name="Browser">The <c>User-Agent</c> header of the sign-in; null: none.</param>
/// <param name="CreatedAt">The time of the sign-in, in UTC.</param>
/// <param name="LastSeenAt">UTC, at most a minute old.</param>
/// <param name="IsCurrent">Whether the actor uses this session.</param>
public sealed record SessionEntry(string Id, string? Browser, string? Address, DateTime CreatedAt, DateTime LastSeenAt, bool IsCurrent);

/// <summary>Lists and ends the sessions of the actor.</summary>
public sealed class SessionService(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, AuditLog audit)
{
    /// <summary>Lists the actor's sessions: the current one, then the latest used.</summary>
    public async Task<IReadOnlyList<SessionEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var sessions = await context.UserSessions.AsNoTracking().Where(session => session.UserId == actor.Id).ToListAsync(cancellation);
        return
        [
            .. sessions.Select(session => new SessionEntry(session.Id, session.Browser, session.Address, session.CreatedAt, session.LastSeenAt, session.Id == actor.SessionId))
                .OrderByDescending(session => session.IsCurrent).ThenByDescending(session => session.LastSeenAt),
        ];
    }

    /// <summary>Ends one session of the actor. Its open pages close within seconds.</summary>
    /// <returns>False: it had already ended.</returns>
    public Task<bool> EndAsync(Actor actor, string sessionId, CancellationToken cancellation = default) =>
        EndAsync(actor, sessions => sessions.Where(session => session.Id == sessionId), cancellation);

    /// <summary>Ends all sessions of the actor but the current one.</summary>
    /// <returns>False: there was no other.</returns>
    public Task<bool> EndOthersAsync(Actor actor, CancellationToken cancellation = default) =>
        EndAsync(actor, sessions => sessions.Where(session => session.Id != actor.SessionId), cancellation);

    private async Task<bool> EndAsync(Actor actor, Func<IQueryable<UserSession>, IQueryable<UserSession>> which, CancellationToken cancellation)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireAsync(actor, Role.Viewer, token);
                await using var context = await contexts.CreateDbContextAsync(token);
                var sessions = await which(context.UserSessions.Where(session => session.UserId == actor.Id)).ToListAsync(token);
                if (sessions.Count == 0)
                    return false;
                context.UserSessions.RemoveRange(sessions);
                audit.Add(context, actor, AuditAction.SessionsEnded, actor.Id, actor.Name, new Dictionary<string, object?> { ["sessions"] = sessions.Count });
                await context.SaveChangesAsync(token);
                return true;
            },
            cancellation);
    }
}
