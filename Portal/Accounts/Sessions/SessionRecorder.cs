using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;

namespace Portal.Accounts.Sessions;

/// <summary>Stores when each session was last used, and ends sessions that weren't used for too long or began too long ago.</summary>
/// <remarks>Written together once a minute, outside the requests: a lost time does no harm.</remarks>
public sealed partial class SessionRecorder(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IOptions<UserSessionOptions> options, TimeProvider clock, ILogger<SessionRecorder> logger)
    : BackgroundService
{
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, DateTime> _seen = new(StringComparer.Ordinal);

    /// <summary>Notes that the session of the actor is in use.</summary>
    internal void Note(Actor actor)
    {
        if (actor.SessionId is { } id)
            _seen[id] = clock.GetUtcNow().UtcDateTime;
    }

    /// <summary>The latest noted use of a session that isn't written yet; null: none.</summary>
    internal DateTime? LastNoted(string sessionId) => _seen.TryGetValue(sessionId, out var at) ? at : null;

    /// <summary>Writes the noted times and ends expired sessions.</summary>
    internal async Task FlushAsync(CancellationToken cancellation = default)
    {
        await writes.RunUpkeepAsync(WriteTimesAsync, cancellation);
        // The nodes learn that sessions have ended, so this is a change.
        await writes.RunAsync(EndExpiredAsync, cancellation);
    }

    private async Task WriteTimesAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var (id, at) in _seen)
        {
            await context.UserSessions.Where(session => session.Id == id).ExecuteUpdateAsync(set => set.SetProperty(session => session.LastSeenAt, at), cancellation);
            // Unless it was seen again meanwhile.
            _seen.TryRemove(KeyValuePair.Create(id, at));
        }

        // Those that nobody renewed for a month.
        var forgotten = clock.GetUtcNow().UtcDateTime.AddDays(-30);
        await context.OneTimeLinks.Where(link => link.ExpiresAt < forgotten).ExecuteDeleteAsync(cancellation);
    }

    private async Task EndExpiredAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow().UtcDateTime;
        var (idle, old) = (now.AddMinutes(-options.Value.IdleMinutes), now.AddHours(-options.Value.LongestHours));
        await context.UserSessions.Where(session => session.LastSeenAt < idle || session.CreatedAt < old).ExecuteDeleteAsync(cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenWrites, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotWritten(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The times of the latest use of sessions could not be written. Portal retries in a minute")]
    private partial void LogNotWritten(Exception exception);
}
