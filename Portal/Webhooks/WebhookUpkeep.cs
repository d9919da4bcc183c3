using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Webhooks;

/// <summary>Removes old deliveries and former secrets, and counts what waits.</summary>
public sealed partial class WebhookUpkeep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, WebhookMetrics metrics, IOptions<WebhookOptions> options, MonotonicClock clock, ILogger<WebhookUpkeep> logger) : BackgroundService
{
    /// <summary>The number of deliveries in one statement, which locks the database for a few milliseconds.</summary>
    internal const int RowsAtOnce = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Removes deliveries that ended before the retention period, and those that have waited so long for an endpoint that is off.</summary>
    /// <returns>The number of deliveries that were removed.</returns>
    internal async Task<int> PruneAsync(CancellationToken cancellation = default)
    {
        var before = clock.GetTrustedUtcNow().UtcDateTime.AddDays(-options.Value.RetentionDays);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await RemoveAsync(context, context.WebhookDeliveries.Where(delivery => delivery.EndedAt != null && delivery.EndedAt < before).OrderBy(delivery => delivery.EndedAt), cancellation)
            + await RemoveAsync(context, context.WebhookDeliveries.Where(delivery => delivery.State == DeliveryState.Waiting && delivery.NextAttemptAt < before).OrderBy(delivery => delivery.NextAttemptAt), cancellation);
    }

    /// <summary>Removes former secrets that have ended.</summary>
    internal async Task ForgetSecretsAsync(CancellationToken cancellation = default)
    {
        var now = clock.GetTrustedUtcNow().UtcDateTime;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var ended = context.WebhookEndpoints.Where(endpoint => endpoint.PreviousSecret != null && endpoint.PreviousEndsAt <= now);
        if (await ended.AnyAsync(cancellation))
            await writes.RunUpkeepAsync(token => ended.ExecuteUpdateAsync(
                set => set.SetProperty(endpoint => endpoint.PreviousSecret, (byte[]?)null).SetProperty(endpoint => endpoint.PreviousEndsAt, (DateTime?)null), token), cancellation);
    }

    /// <summary>Counts what waits, for the metrics.</summary>
    internal async Task CountAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var counts = await context.WebhookEndpoints.Where(endpoint => endpoint.DisabledAt == null).Select(endpoint => new
        {
            Waiting = context.WebhookDeliveries.Count(delivery => delivery.EndpointId == endpoint.Id && delivery.State == DeliveryState.Waiting),
            Oldest = context.WebhookDeliveries.Where(delivery => delivery.EndpointId == endpoint.Id && delivery.State == DeliveryState.Waiting)
                .OrderBy(delivery => delivery.Id).Select(delivery => (DateTime?)delivery.CreatedAt).FirstOrDefault(),
        }).ToListAsync(cancellation);
        var oldest = counts.Min(count => count.Oldest);
        metrics.Counted(counts.Sum(count => (long)count.Waiting), oldest is null ? TimeSpan.Zero : clock.GetUtcNow().UtcDateTime - oldest.Value);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CountAsync(stoppingToken);
                await ForgetSecretsAsync(stoppingToken);
                await PruneAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task<int> RemoveAsync(PortalDbContext context, IQueryable<WebhookDelivery> old, CancellationToken cancellation)
    {
        var removed = 0;
        while (await old.Select(delivery => delivery.Id).Take(RowsAtOnce).ToListAsync(cancellation) is { Count: > 0 } ids)
        {
            removed += await writes.RunUpkeepAsync(token => context.WebhookDeliveries.Where(delivery => ids.Contains(delivery.Id)).ExecuteDeleteAsync(token), cancellation);
            // Give others their turn.
            if (ids.Count == RowsAtOnce)
                await Task.Delay(Pause, clock, cancellation);
        }

        return removed;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old webhook deliveries could not be counted or removed; Portal retries in a minute")]
    private partial void LogFailed(Exception exception);
}
