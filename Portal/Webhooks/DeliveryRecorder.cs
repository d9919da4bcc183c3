using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Webhooks;

/// <param name="At">When it began.</param>
internal sealed record DeliveryAttempt(WebhookDelivery Delivery, DateTime At, WebhookResponse Response);

/// <summary>Writes what happens to deliveries, a few at a time.</summary>
public sealed class DeliveryRecorder(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, WebhookMetrics metrics, IOptions<WebhookOptions> options, TimeProvider clock)
{
    /// <summary>Why an endpoint is off, as the database stores it.</summary>
    internal const string Failing = "failing", Gone = "gone";

    /// <returns>Those that this process may send now.</returns>
    internal Task<List<WebhookDelivery>> ClaimAsync(PortalDbContext context, IReadOnlyList<WebhookDelivery> due, DateTime now, CancellationToken cancellation) =>
        writes.RunUpkeepAsync(async token =>
        {
            var claimed = new List<WebhookDelivery>();
            DateTime? until = now + WebhookSender.ClaimTime;
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            foreach (var delivery in due)
                // Another process may have claimed it, or already tried it.
                if (await context.WebhookDeliveries
                    .Where(row => row.Id == delivery.Id && row.State == DeliveryState.Waiting && row.Attempts == delivery.Attempts && (row.ClaimedUntil == null || row.ClaimedUntil <= now))
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.ClaimedUntil, until), token) == 1)
                    claimed.Add(delivery);
            await transaction.CommitAsync(token);
            return claimed;
        }, cancellation);

    /// <summary>Records attempts, and switches the endpoint off if it wants no messages or has failed for days.</summary>
    /// <returns>Since when the endpoint fails; null: it works.</returns>
    internal async Task<DateTime?> RecordAsync(PortalDbContext context, WebhookEndpoint endpoint, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellation)
    {
        var ends = new List<(DeliveryAttempt Attempt, DateTime? Next)>();
        foreach (var attempt in attempts)
            ends.Add((attempt, attempt.Response.IsAccepted ? null : DeliverySchedule.FindNext(
                attempt.Delivery.Attempts + 1, await FindFirstAsync(context, attempt, cancellation), clock.GetUtcNow().UtcDateTime, attempt.Response.RetryAfter)));
        var works = attempts.Any(attempt => attempt.Response.IsAccepted);
        DateTime? failingSince = works ? null : endpoint.FailingSince ?? attempts[0].At;
        await writes.RunUpkeepAsync(token => StoreAsync(context, endpoint.Id, ends, failingSince, token), cancellation);
        foreach (var (attempt, next) in ends)
            metrics.Attempted(attempt.Response.IsAccepted ? WebhookMetrics.Delivered : next is null ? WebhookMetrics.Failed : WebhookMetrics.Retried);
        if (attempts.Any(attempt => attempt.Response.IsGone))
            await SwitchOffAsync(endpoint, Gone, cancellation);
        else if (failingSince <= clock.GetUtcNow().UtcDateTime.AddDays(-options.Value.DisableAfterDays))
            await SwitchOffAsync(endpoint, Failing, cancellation);
        return failingSince;
    }

    private async Task StoreAsync(
        PortalDbContext context, long endpointId, List<(DeliveryAttempt Attempt, DateTime? Next)> ends, DateTime? failingSince, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var ((delivery, at, response), next) in ends)
        {
            var now = clock.GetUtcNow().UtcDateTime;
            var state = response.IsAccepted ? DeliveryState.Delivered : next is null ? DeliveryState.Failed : DeliveryState.Waiting;
            DateTime? endedAt = state == DeliveryState.Waiting ? null : now;
            var stored = await context.WebhookDeliveries.Where(row => row.Id == delivery.Id && row.State == DeliveryState.Waiting).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, state)
                .SetProperty(row => row.Attempts, row => row.Attempts + 1)
                .SetProperty(row => row.NextAttemptAt, next ?? now)
                .SetProperty(row => row.ClaimedUntil, (DateTime?)null)
                .SetProperty(row => row.EndedAt, endedAt), cancellation);
            // The endpoint may have been removed in the meantime.
            if (stored == 1)
                context.WebhookAttempts.Add(new WebhookAttempt
                {
                    DeliveryId = delivery.Id, At = at, Duration = response.Duration, StatusCode = response.Status, Error = response.WriteFault(), Response = response.Text,
                });
        }

        await context.WebhookEndpoints.Where(row => row.Id == endpointId && (row.FailingSince == null) != (failingSince == null))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.FailingSince, failingSince), cancellation);
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Finds the time of the first attempt since the delivery was created or sent again.</summary>
    private static async Task<DateTime> FindFirstAsync(PortalDbContext context, DeliveryAttempt attempt, CancellationToken cancellation)
    {
        if (attempt.Delivery.Attempts == 0)
            return attempt.At;
        var times = await context.WebhookAttempts.Where(earlier => earlier.DeliveryId == attempt.Delivery.Id).OrderByDescending(earlier => earlier.Id)
            .Take(attempt.Delivery.Attempts).Select(earlier => earlier.At).ToListAsync(cancellation);
        return times.Count == 0 ? attempt.At : times[^1];
    }

    private async Task SwitchOffAsync(WebhookEndpoint endpoint, string reason, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await writes.RunAsync(async token =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            DateTime? now = clock.GetUtcNow().UtcDateTime;
            if (await context.WebhookEndpoints.Where(row => row.Id == endpoint.Id && row.DisabledAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now).SetProperty(row => row.DisabledReason, reason).SetProperty(row => row.Version, Guid.CreateVersion7()), token) == 0)
                return;
            var portal = Actor.OfPortal(endpoint.AccountId);
            audit.Add(context, portal, WebhookService.Disabled, WebhookService.TargetOf(endpoint.Id), WebhookUrl.OriginOf(endpoint.Url), new Dictionary<string, object?> { ["reason"] = reason });
            await context.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
        }, cancellation);
    }
}
