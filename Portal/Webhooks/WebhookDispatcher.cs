using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Webhooks;

/// <summary>Turns audit entries into deliveries.</summary>
/// <remarks>The audit log is the queue: an entry is stored in the transaction of its change. An endpoint stores the ID of the last entry that was read
/// for it, in the transaction that adds the deliveries. A process that is killed therefore loses no event and adds none twice, and of two processes
/// that read the same entries, one adds the deliveries.</remarks>
public sealed partial class WebhookDispatcher(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IOptions<TokenOptions> options, TimeProvider clock, ILogger<WebhookDispatcher> logger) : BackgroundService
{
    /// <summary>The number of entries that one write turns into deliveries.</summary>
    internal const int EntriesAtOnce = 100;

    /// <summary>How long a missing ID is waited for. PostgreSQL assigns IDs before the commit, so an entry can appear after a later one. A transaction
    /// that failed leaves its ID unused.</summary>
    internal static readonly TimeSpan GapTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Reads all entries that are new for an endpoint.</summary>
    /// <returns>The number of deliveries that were added.</returns>
    internal async Task<int> DispatchAsync(CancellationToken cancellation = default)
    {
        var added = 0;
        while (await DispatchSomeAsync(cancellation) is { } some)
            added += some;
        return added;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await DispatchAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    /// <returns>Null: no endpoint has new entries.</returns>
    private async Task<int?> DispatchSomeAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var endpoints = await context.WebhookEndpoints.AsNoTracking().Where(endpoint => endpoint.DisabledAt == null).OrderBy(endpoint => endpoint.Id).ToListAsync(cancellation);
        if (endpoints.Count == 0 || await FindNewestAsync(context, cancellation) is not { } newest)
            return null;
        // Nearly always, all endpoints have read the same entries.
        var behind = endpoints.Where(endpoint => endpoint.LastEntryId < newest).GroupBy(endpoint => endpoint.LastEntryId).MinBy(group => group.Key);
        return behind is null ? null : await DispatchAsync(context, [.. behind], newest, cancellation);
    }

    /// <summary>Finds the ID of the newest entry.</summary>
    internal static Task<long?> FindNewestAsync(PortalDbContext context, CancellationToken cancellation) =>
        context.AuditEntries.OrderByDescending(entry => entry.Id).Select(entry => (long?)entry.Id).FirstOrDefaultAsync(cancellation);

    /// <returns>Null: an entry is missing that may still appear.</returns>
    private async Task<int?> DispatchAsync(PortalDbContext context, IReadOnlyList<WebhookEndpoint> endpoints, long newest, CancellationToken cancellation)
    {
        var (last, now) = (endpoints[0].LastEntryId, clock.GetUtcNow().UtcDateTime);
        // Of all accounts: their entries are neighbors in the primary key, which no index by account offers.
        var entries = await context.AuditEntries.AsNoTracking().Where(entry => entry.Id > last && entry.Id <= newest).OrderBy(entry => entry.Id).Take(EntriesAtOnce).ToListAsync(cancellation);
        entries = [.. entries.TakeWhile((entry, i) => entry.Id == (i == 0 ? last : entries[i - 1].Id) + 1 || entry.At <= now - GapTime)];
        if (entries.Count == 0)
            return null;
        var through = entries[^1].Id;
        var found = entries.Select(entry => (Entry: entry, Type: WebhookEvent.Of(entry.Action))).Where(pair => pair.Type is not null).ToList();
        var handles = found.Select(pair => pair.Entry.TargetId).Distinct().ToList();
        var tokens = handles.Count == 0 ? [] : await context.Tokens.AsNoTracking().Where(token => handles.Contains(token.Handle))
            .Select(token => new MessageToken(token.Handle, token.Name, token.ExtensionId, token.ExtensionName, token.Status, token.ExpiresAt, token.PreviousEndsAt))
            .ToDictionaryAsync(token => token.Handle, cancellation);
        var statuses = StatusClock.At(now, options.Value);
        var deliveries = endpoints.ToDictionary(endpoint => endpoint.Id, endpoint => (
            from pair in found
            let token = tokens.GetValueOrDefault(pair.Entry.TargetId)
            where pair.Entry.AccountId == endpoint.AccountId && Wants(endpoint, pair.Type!, token?.ExtensionId ?? WebhookMessage.FindExtension(pair.Entry))
            select new WebhookDelivery
            {
                EndpointId = endpoint.Id, MessageId = WebhookMessage.CreateId(), Type = pair.Type!.Name, TargetId = pair.Entry.TargetId,
                Body = WebhookMessage.Write(pair.Type, pair.Entry, token, statuses), CreatedAt = now, NextAttemptAt = now,
            }).ToList());
        return await writes.RunUpkeepAsync(token => StoreAsync(context, deliveries, last, through, token), cancellation);
    }

    private static async Task<int> StoreAsync(
        PortalDbContext context, Dictionary<long, List<WebhookDelivery>> deliveries, long last, long through, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var added = 0;
        foreach (var (id, ofEndpoint) in deliveries)
        {
            var moved = await context.WebhookEndpoints.Where(endpoint => endpoint.Id == id && endpoint.LastEntryId == last && endpoint.DisabledAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(endpoint => endpoint.LastEntryId, through), cancellation);
            if (moved == 0)
                continue; // Another process was first, or the endpoint was switched off or removed.
            context.WebhookDeliveries.AddRange(ofEndpoint);
            added += ofEndpoint.Count;
        }

        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return added;
    }

    /// <summary>Whether the endpoint has chosen the event. An event without an extension, such as a rule for all addresses, concerns every one.</summary>
    private static bool Wants(WebhookEndpoint endpoint, WebhookEvent type, string? extensionId) =>
        WebhookChoice.Allows(endpoint.Events, type.Name) && (extensionId is null || WebhookChoice.Allows(endpoint.Extensions, extensionId));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events could not be prepared for webhooks; Portal retries in a second")]
    private partial void LogFailed(Exception exception);
}
