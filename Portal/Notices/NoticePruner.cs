using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Notices;

/// <summary>Removes old notices, once a day.</summary>
/// <remarks>A notice is also the record that people were told, so it stays until its occasion can't be found again: a month after the expiration that it
/// announces, or until the policy asks for the next rotation.</remarks>
public sealed partial class NoticePruner(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IOptions<NoticeOptions> options, MonotonicClock clock, ILogger<NoticePruner> logger) : BackgroundService
{
    /// <summary>The number of notices in one statement, which locks the database for a few milliseconds.</summary>
    internal const int RowsAtOnce = 200;

    /// <summary>How long expired tokens are looked for, and a day.</summary>
    private const int DaysAfterExpiration = 32;

    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(10), Between = TimeSpan.FromDays(1), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Removes the notices that are past their retention. Those whose mail is still waiting stay.</summary>
    /// <returns>The number of notices that were removed.</returns>
    internal async Task<int> PruneAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var longestRotation = await context.TokenPolicies.MaxAsync(policy => policy.RotateEveryDays, cancellation) ?? 0;
        var announced = options.Value.ExpiryDays.Concat(NoticeDays.Offered).Max() + DaysAfterExpiration;
        var before = clock.GetTrustedUtcNow().UtcDateTime.AddDays(-Math.Max(options.Value.RetentionDays, Math.Max(announced, longestRotation + 1)));
        var removed = 0;
        foreach (var account in await context.Accounts.AsNoTracking().Select(account => account.Id).ToListAsync(cancellation))
        {
            var old = context.Notices
                .Where(notice => notice.AccountId == account && notice.At < before && notice.Kind != NoticeKind.Turn
                    && !context.NoticeRecipients.Any(recipient => recipient.NoticeId == notice.Id && recipient.EndedAt == null))
                .OrderBy(notice => notice.At).Select(notice => notice.Id).Take(RowsAtOnce);
            while (await old.ToListAsync(cancellation) is { Count: > 0 } ids)
            {
                removed += await writes.RunUpkeepAsync(turn => context.Notices.Where(notice => ids.Contains(notice.Id)).ExecuteDeleteAsync(turn), cancellation);
                // Give others their turn.
                if (ids.Count == RowsAtOnce)
                    await Task.Delay(Pause, clock, cancellation);
            }
        }

        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = AfterStart; ; pause = Between)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest is removed another time.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await PruneAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old notices could not be removed; Portal retries tomorrow")]
    private partial void LogFailed(Exception exception);
}
