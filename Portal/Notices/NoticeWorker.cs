using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Notices;

/// <summary>Writes and mails the notices of all accounts, twice a minute.</summary>
internal sealed partial class NoticeWorker(
    IDbContextFactory<PortalDbContext> contexts, NoticeTurns turns, ExpirySweep sweep, ActivityWatch watch, WebhookWatch webhooks, NoticeMailer mailer, MonotonicClock clock, ILogger<NoticeWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>How often the time of the last sweep is stored if there was nothing to do. The next start looks back that far.</summary>
    private static readonly TimeSpan BetweenMarks = TimeSpan.FromMinutes(10);

    private bool _failing;

    /// <summary>Writes the notices that are due, and then sends the mails that are due.</summary>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        // A clock that has jumped by more than a month is probably wrong, and would announce everything.
        if (clock.IsSuspect())
            return;
        var now = clock.GetUtcNow().UtcDateTime;
        var activities = await watch.FindAsync(now, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var account in await context.Accounts.AsNoTracking().Select(account => account.Id).OrderBy(id => id).ToListAsync(cancellation))
            await RunAsync(account, [.. activities[account]], now, cancellation);
    }

    private async Task RunAsync(string accountId, TokenActivity[] activities, DateTime now, CancellationToken cancellation)
    {
        var state = await turns.ReadAsync(accountId, cancellation);
        // The clock was corrected: moments that were announced too early aren't announced again, but those of new tokens are.
        var since = state.SweptUntil > now ? now : state.SweptUntil;
        var tokens = await sweep.FindAsync(accountId, since, now, cancellation);
        var stopped = await webhooks.FindAsync(accountId, now, cancellation);
        if (tokens.Count + activities.Length + stopped.Count == 0 && (now - since).Duration() < BetweenMarks && state.SweptUntil <= now && !await mailer.IsDueAsync(accountId, cancellation))
            return;
        if (await turns.TryTakeAsync(accountId, state, cancellation) is not { } turn)
            return;
        try
        {
            foreach (var some in tokens.Chunk(ExpirySweep.TokensAtOnce))
            {
                var began = clock.GetTimestamp();
                await sweep.WriteAsync(turn, some, now, cancellation);
                // If very many tokens expire on one day, requests and changes get half of the time.
                await Task.Delay(clock.GetElapsedTime(began), clock, cancellation);
            }

            foreach (var some in activities.Chunk(ExpirySweep.TokensAtOnce))
                await watch.WriteAsync(turn, some, now, cancellation);
            if (stopped.Count > 0)
                await webhooks.WriteAsync(turn, now, cancellation);
            await turn.AdvanceAsync(now, cancellation);
            await mailer.SendAsync(turn, cancellation);
        }
        catch (NoticeTurnLostException)
        {
            // The process that has the turn does the rest.
        }
        finally
        {
            await turn.ReleaseAsync();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
                await TryAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest waits for the next start.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
            _failing = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // Logged once, not twice a minute.
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Notices could not be written or mailed. Portal tries again twice a minute")]
    private partial void LogFailed(Exception exception);
}
