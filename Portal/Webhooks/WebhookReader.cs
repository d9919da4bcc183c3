using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Webhooks;

/// <summary>Reads endpoints and their deliveries, for administrators.</summary>
public sealed class WebhookReader(IDbContextFactory<PortalDbContext> contexts, AccessControl access)
{
    /// <summary>Reads all endpoints, oldest first.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<IReadOnlyList<WebhookEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await ReadAsync(endpoint => endpoint.AccountId == actor.AccountId, cancellation);
    }

    /// <returns>Null: it doesn't exist.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<WebhookEntry?> FindAsync(Actor actor, long endpointId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return (await ReadAsync(endpoint => endpoint.AccountId == actor.AccountId && endpoint.Id == endpointId, cancellation)).SingleOrDefault();
    }

    /// <summary>Reads deliveries of an endpoint, latest first.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<DeliveryPage> ListDeliveriesAsync(Actor actor, long endpointId, DeliveryQuery query, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!await context.WebhookEndpoints.AnyAsync(endpoint => endpoint.Id == endpointId && endpoint.AccountId == actor.AccountId, cancellation))
            return new DeliveryPage([], 0);
        var found = context.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.EndpointId == endpointId);
        if (query.State is { } state)
            found = found.Where(delivery => delivery.State == state);
        if (query.Type is { } type)
            found = found.Where(delivery => delivery.Type == type);
        var total = await found.CountAsync(cancellation);
        var page = Math.Clamp(query.Page, 1, Math.Max(1, (total - 1) / DeliveryQuery.PageSize + 1));
        var rows = await found.OrderByDescending(delivery => delivery.Id).Skip((page - 1) * DeliveryQuery.PageSize).Take(DeliveryQuery.PageSize)
            .Select(RowOf(context)).ToListAsync(cancellation);
        return new DeliveryPage(rows, total);
    }

    /// <returns>Null: it doesn't exist, or was removed after the retention period.</returns>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<DeliveryDetails?> FindDeliveryAsync(Actor actor, long endpointId, long deliveryId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var found = context.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.Id == deliveryId && delivery.EndpointId == endpointId
            && context.WebhookEndpoints.Any(endpoint => endpoint.Id == endpointId && endpoint.AccountId == actor.AccountId));
        if (await found.Select(RowOf(context)).SingleOrDefaultAsync(cancellation) is not { } row)
            return null;
        var body = await found.Select(delivery => delivery.Body).SingleAsync(cancellation);
        var attempts = await context.WebhookAttempts.AsNoTracking().Where(attempt => attempt.DeliveryId == deliveryId).OrderByDescending(attempt => attempt.Id).ToListAsync(cancellation);
        return new DeliveryDetails(row, body, [.. attempts.Select(RowOf)]);
    }

    private static Expression<Func<WebhookDelivery, DeliveryRow>> RowOf(PortalDbContext context) => delivery => new DeliveryRow(
        delivery.Id, delivery.MessageId, delivery.Type, delivery.TargetId, delivery.CreatedAt, delivery.State, delivery.Attempts,
        delivery.State == DeliveryState.Waiting ? delivery.NextAttemptAt : null,
        context.WebhookAttempts.Where(attempt => attempt.DeliveryId == delivery.Id).OrderByDescending(attempt => attempt.Id).Select(attempt => attempt.StatusCode).FirstOrDefault());

    private static AttemptRow RowOf(WebhookAttempt attempt)
    {
        var parts = attempt.Error?.Split(' ', 2) ?? [];
        WebhookFault? fault = parts.Length > 0 && Enum.TryParse<WebhookFault>(parts[0], out var known) ? known : null;
        return new AttemptRow(attempt.Id, attempt.At, attempt.Duration, attempt.StatusCode, fault, parts.ElementAtOrDefault(1), attempt.Response);
    }

    private async Task<List<WebhookEntry>> ReadAsync(Expression<Func<WebhookEndpoint, bool>> filter, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rows = await context.WebhookEndpoints.AsNoTracking().Where(filter).OrderBy(endpoint => endpoint.Id).Select(endpoint => new
        {
            Endpoint = endpoint,
            Waiting = context.WebhookDeliveries.Count(delivery => delivery.EndpointId == endpoint.Id && delivery.State == DeliveryState.Waiting),
            Failed = context.WebhookDeliveries.Count(delivery => delivery.EndpointId == endpoint.Id && delivery.State == DeliveryState.Failed),
        }).ToListAsync(cancellation);
        return [.. rows.Select(row => Describe(row.Endpoint, row.Waiting, row.Failed))];
    }

    private static WebhookEntry Describe(WebhookEndpoint endpoint, int waiting, int failed) => new(
        endpoint.Id, endpoint.Url, endpoint.Description, WebhookChoice.ListOf(endpoint.Events), WebhookChoice.ListOf(endpoint.Extensions), endpoint.PreviousEndsAt,
        endpoint.DisabledAt, endpoint.DisabledReason switch
        {
            DeliveryRecorder.Failing => WebhookDisabledReason.Failing,
            DeliveryRecorder.Gone => WebhookDisabledReason.Gone,
            _ => null,
        },
        endpoint.FailingSince, waiting, failed, endpoint.CreatedAt, endpoint.CreatedByName, endpoint.UpdatedAt, endpoint.UpdatedByName, endpoint.Version);
}
