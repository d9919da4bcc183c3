using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Webhooks;

/// <summary>Sends the deliveries that are due, each endpoint by itself, so that a slow one doesn't delay the others.</summary>
/// <remarks>
/// <para>A delivery is sent only when all earlier ones for the same token and endpoint have ended, so a receiver gets the events of a token in
/// order.</para>
/// <para>A process claims a delivery for <see cref="ClaimTime"/> before it sends it, by an update with a condition, so that no other process sends it
/// as well. If the process is killed, the claim ends and another one sends the delivery, perhaps a second time.</para>
/// </remarks>
public sealed partial class WebhookSender(
    IDbContextFactory<PortalDbContext> contexts, WebhookClient client, WebhookSecretProtector protector, DeliveryRecorder recorder, TimeProvider clock, ILogger<WebhookSender> logger) : BackgroundService
{
    /// <summary>The number of requests to one endpoint at a time. An endpoint whose last attempts failed gets one at a time.</summary>
    internal const int MostAtOnce = 8;

    /// <summary>The number of endpoints that are served at a time.</summary>
    private const int MostEndpointsAtOnce = 64;

    /// <summary>Longer than an attempt can take.</summary>
    internal static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(1);

    /// <summary>The bounds of the pause between attempts at a failing endpoint. Within them, the pause is a share of the time since when it has
    /// failed.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    private const int PauseShare = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>When failing endpoints are tried again, by their ID.</summary>
    private readonly ConcurrentDictionary<long, DateTime> _pauses = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Sends what is due for each endpoint once, at most <see cref="MostAtOnce"/> deliveries each.</summary>
    /// <returns>The number of attempts.</returns>
    internal async Task<int> SendAsync(CancellationToken cancellation = default) =>
        (await Task.WhenAll((await FindEndpointsAsync(cancellation)).Select(id => SendAsync(id, cancellation)))).Sum();

    /// <summary>Finds the endpoints for which deliveries wait.</summary>
    internal async Task<List<long>> FindEndpointsAsync(CancellationToken cancellation = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.WebhookEndpoints
            .Where(endpoint => endpoint.DisabledAt == null
                && context.WebhookDeliveries.Any(delivery => delivery.EndpointId == endpoint.Id && delivery.State == DeliveryState.Waiting))
            .Select(endpoint => endpoint.Id).ToListAsync(cancellation);
    }

    /// <summary>Sends deliveries of one endpoint.</summary>
    /// <returns>The number of attempts. 0: nothing is due.</returns>
    internal async Task<int> SendAsync(long endpointId, CancellationToken cancellation = default)
    {
        var now = Now;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var endpoint = await context.WebhookEndpoints.AsNoTracking().SingleOrDefaultAsync(endpoint => endpoint.Id == endpointId && endpoint.DisabledAt == null, cancellation);
        if (endpoint is null)
            return 0;
        var due = await FindDueAsync(context, endpoint, now, cancellation);
        var claimed = due.Count == 0 ? [] : await recorder.ClaimAsync(context, due, now, cancellation);
        if (claimed.Count == 0)
            return 0;
        var secrets = SecretsOf(endpoint, now);
        List<DeliveryAttempt> attempts = [.. (await Task.WhenAll(claimed.Select(delivery => AttemptAsync(endpoint, secrets, delivery, cancellation)))).OfType<DeliveryAttempt>()];
        // Also while Portal stops: what was sent should be known, or it is sent again.
        if (attempts.Count > 0)
            Pause(endpointId, await recorder.RecordAsync(context, endpoint, attempts, CancellationToken.None));
        cancellation.ThrowIfCancellationRequested();
        return claimed.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new Dictionary<long, Task>();
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var ended in running.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToList())
                    running.Remove(ended);
                foreach (var id in (await TryFindEndpointsAsync(stoppingToken)).Where(id => !running.ContainsKey(id)).Take(MostEndpointsAtOnce - running.Count))
                    running.Add(id, SendAllAsync(id, stoppingToken));
            }
        }
        finally
        {
            await Task.WhenAll(running.Values);
        }
    }

    private async Task<List<WebhookDelivery>> FindDueAsync(PortalDbContext context, WebhookEndpoint endpoint, DateTime now, CancellationToken cancellation)
    {
        var due = Due(context, endpoint.Id, now);
        if (endpoint.FailingSince is null)
            return await due.Take(MostAtOnce).ToListAsync(cancellation);
        // A person waits for the result of a test, so it needn't wait for its turn.
        var tests = await due.Where(delivery => delivery.TargetId == WebhookService.TestTarget).Take(1).ToListAsync(cancellation);
        return tests.Count > 0 ? tests
            : _pauses.TryGetValue(endpoint.Id, out var until) && now < until ? []
            : await due.Take(1).ToListAsync(cancellation);
    }

    /// <summary>The deliveries that may be sent now, oldest first.</summary>
    private static IQueryable<WebhookDelivery> Due(PortalDbContext context, long endpointId, DateTime now) =>
        from delivery in context.WebhookDeliveries.AsNoTracking()
        where delivery.EndpointId == endpointId && delivery.State == DeliveryState.Waiting && delivery.NextAttemptAt <= now
            && (delivery.ClaimedUntil == null || delivery.ClaimedUntil <= now)
            && !context.WebhookDeliveries.Any(earlier =>
                earlier.EndpointId == endpointId && earlier.TargetId == delivery.TargetId && earlier.Id < delivery.Id && earlier.State == DeliveryState.Waiting)
        orderby delivery.Id
        select delivery;

    /// <returns>The valid secrets; empty: they can't be decrypted.</returns>
    private List<byte[]> SecretsOf(WebhookEndpoint endpoint, DateTime now)
    {
        if (protector.Unprotect(endpoint.Secret) is not { } current)
            return [];
        return endpoint.PreviousSecret is { } former && endpoint.PreviousEndsAt > now && protector.Unprotect(former) is { } previous ? [current, previous] : [current];
    }

    /// <returns>Null: Portal stopped before the receiver answered.</returns>
    private async Task<DeliveryAttempt?> AttemptAsync(WebhookEndpoint endpoint, List<byte[]> secrets, WebhookDelivery delivery, CancellationToken cancellation)
    {
        var at = clock.GetUtcNow();
        try
        {
            var response = secrets.Count == 0
                ? new WebhookResponse(null, 0, WebhookFault.SecretUnreadable)
                : await client.SendAsync(endpoint.Url, WebhookHeaders.Of(secrets, delivery.MessageId, at, delivery.Body), delivery.Body, cancellation);
            return new DeliveryAttempt(delivery, at.UtcDateTime, response);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Pauses before the next attempt at a failing endpoint. Many deliveries may wait for it, and each would be an attempt.</summary>
    private void Pause(long endpointId, DateTime? failingSince)
    {
        if (failingSince is not { } since)
        {
            _pauses.TryRemove(endpointId, out _);
            return;
        }

        var pause = (Now - since) / PauseShare;
        _pauses[endpointId] = Now + (pause < ShortestPause ? ShortestPause : pause > LongestPause ? LongestPause : pause);
    }

    private async Task SendAllAsync(long endpointId, CancellationToken stoppingToken)
    {
        try
        {
            while (await SendAsync(endpointId, stoppingToken) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; the claims end by themselves.
        }
        catch (Exception exception)
        {
            LogFailed(exception, endpointId);
        }
    }

    private async Task<List<long>> TryFindEndpointsAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await FindEndpointsAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotFound(exception);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deliveries of the webhook endpoint {Endpoint} could not be read or recorded; Portal retries in a second")]
    private partial void LogFailed(Exception exception, long endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook deliveries could not be read; Portal retries in a second")]
    private partial void LogNotFound(Exception exception);
}
