using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks;

public sealed partial class WebhookService
{
    /// <summary>The target of test deliveries, which are sent one after the other.</summary>
    internal const string TestTarget = "test";

    /// <summary>Sends the event <see cref="WebhookEvent.Test"/> to the endpoint.</summary>
    /// <returns>Done, NotFound, or Refused if the endpoint is off.</returns>
    public async Task<WebhookOutcome> TestAsync(Actor actor, long endpointId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await ChangeAsync(actor, endpointId, (context, endpoint, _) =>
        {
            if (endpoint.DisabledAt is not null)
                return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Refused(Texts.Webhooks_SwitchOnFirst));
            var now = clock.GetUtcNow().UtcDateTime;
            context.WebhookDeliveries.Add(new WebhookDelivery
            {
                EndpointId = endpointId, MessageId = WebhookMessage.CreateId(), Type = WebhookEvent.Test, TargetId = TestTarget,
                Body = WebhookMessage.WriteTest(now, actor.AccountId, actor.Name), CreatedAt = now, NextAttemptAt = now,
            });
            Record(context, actor, Tested, endpoint, []);
            return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId));
        }, cancellation);
    }

    /// <summary>Sends a delivery that has ended again, with the same ID and body, so that the receiver recognizes it. One that waits is tried now.</summary>
    /// <returns>Done, NotFound, or Refused if the endpoint is off or an attempt is under way.</returns>
    public Task<WebhookOutcome> ResendAsync(Actor actor, long endpointId, long deliveryId, CancellationToken cancellation = default) => ResendAsync(
        actor, endpointId, (context, now) => context.WebhookDeliveries.Where(delivery => delivery.EndpointId == endpointId && delivery.Id == deliveryId
            && (delivery.ClaimedUntil == null || delivery.ClaimedUntil <= now)),
        Texts.Webhooks_UnderWay, cancellation);

    /// <summary>Sends all failed deliveries of the endpoint again.</summary>
    /// <returns>Done with their number, NotFound, or Refused if the endpoint is off or no delivery has failed.</returns>
    public Task<WebhookOutcome> ResendFailedAsync(Actor actor, long endpointId, CancellationToken cancellation = default) => ResendAsync(
        actor, endpointId, (context, _) => context.WebhookDeliveries.Where(delivery => delivery.EndpointId == endpointId && delivery.State == DeliveryState.Failed),
        Texts.Webhooks_NoneFailed, cancellation);

    private async Task<WebhookOutcome> ResendAsync(
        Actor actor, long endpointId, Func<PortalDbContext, DateTime, IQueryable<WebhookDelivery>> find, string none, CancellationToken cancellation)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await ChangeAsync(actor, endpointId, async (context, endpoint, token) =>
        {
            if (endpoint.DisabledAt is not null)
                return new WebhookOutcome.Refused(Texts.Webhooks_SwitchOnFirst);
            var now = clock.GetUtcNow().UtcDateTime;
            var count = await find(context, now).ExecuteUpdateAsync(set => set
                .SetProperty(delivery => delivery.Attempts, delivery => delivery.State == DeliveryState.Waiting ? delivery.Attempts : 0)
                .SetProperty(delivery => delivery.State, DeliveryState.Waiting)
                .SetProperty(delivery => delivery.NextAttemptAt, now)
                .SetProperty(delivery => delivery.ClaimedUntil, (DateTime?)null)
                .SetProperty(delivery => delivery.EndedAt, (DateTime?)null), token);
            if (count == 0)
                return new WebhookOutcome.Refused(none);
            Record(context, actor, Resent, endpoint, new() { ["deliveries"] = count });
            return new WebhookOutcome.Done(endpointId, count);
        }, cancellation);
    }
}
