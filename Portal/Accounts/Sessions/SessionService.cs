using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
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

/// <summary>When a session ends on its own.</summary>
/// <param name="At">UTC.</param>
/// <param name="IsIdle">Whether it ends because it isn't used; otherwise because it began too long ago.</param>
/// <param name="Length">The time without use, or since the sign-in, after which it ends.</param>
public sealed record SessionEnd(DateTime At, bool IsIdle, TimeSpan Length)
{
    /// <summary>How long before the end people are warned.</summary>
    internal TimeSpan Warning(TimeSpan most) => Length / 3 < most ? Length / 3 : most;
}

/// <summary>Lists and ends the sessions of the actor.</summary>
public sealed class SessionService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AccessControl access, AuditLog audit, SessionRecorder recorder, IOptions<UserSessionOptions> options)
{
    /// <summary>Finds out when the actor's session ends if it isn't used anymore.</summary>
    /// <returns>Null: the actor has no session that ends.</returns>
    public async Task<SessionEnd?> FindEndAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var session = await context.UserSessions.AsNoTracking().SingleOrDefaultAsync(session => session.Id == actor.SessionId && session.UserId == actor.Id, cancellation);
        if (session is null)
            return null;
        var seen = recorder.LastNoted(session.Id) is { } noted && noted > session.LastSeenAt ? noted : session.LastSeenAt;
        var (unused, longest) = (TimeSpan.FromMinutes(options.Value.IdleMinutes), TimeSpan.FromHours(options.Value.LongestHours));
        var (idle, old) = (new SessionEnd(seen + unused, true, unused), new SessionEnd(session.CreatedAt + longest, false, longest));
        return idle.At < old.At ? idle : old;
    }

    /// <summary>Lists the actor's sessions: the current one, then the latest used.</summary>
    public async Task<IReadOnlyList<SessionEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireOwnAsync(actor, cancellation);
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
        await access.RequireOwnAsync(actor, cancellation);
        return await writes.RunAsync(
            async token =>
            {
                await access.RequireOwnAsync(actor, token);
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
