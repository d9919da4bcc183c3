using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Data;

namespace Portal.Audit;

/// <summary>Removes entries at the end of their retention, some at a time. An <see cref="AuditTrim"/> in the same transaction records the hash of the last
/// one, so that the rest can still be checked.</summary>
/// <remarks>Each node does this. A transaction first waits for the changes of the other nodes, so no entry is counted twice. Entries that the stream or a
/// webhook has yet to read stay until then.</remarks>
internal sealed partial class AuditRetention(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, MonotonicClock clock, IOptions<AuditOptions> options, ILogger<AuditRetention> logger) : BackgroundService
{
    /// <summary>The number of entries in one transaction, so that other changes don't wait for long.</summary>
    internal const int EntriesAtOnce = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>Removes what is older than the retention, by whole days: otherwise, every hour would leave a record.</summary>
    /// <returns>The number of removed entries.</returns>
    internal async Task<int> TrimAsync(CancellationToken cancellation = default)
    {
        if (options.Value.RetentionDays == 0)
            return 0;
        // Removal is final, so a clock that was set forward by mistake must not cause it.
        var before = clock.GetTrustedUtcNow().UtcDateTime.Date.AddDays(-options.Value.RetentionDays);
        for (var total = 0; ;)
        {
            var (removed, keptId) = await writes.RunAsync(turn => TrimSomeAsync(before, turn), cancellation);
            total += removed;
            if (keptId is { } id)
                LogKept(id);
            if (removed < EntriesAtOnce)
                return total;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                if (await TrimAsync(stoppingToken) is > 0 and var removed)
                    LogRemoved(removed);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>The number of removed entries, and the first one that is old enough but kept; null: there is none.</returns>
    private async Task<(int Removed, long? KeptId)> TrimSomeAsync(DateTime before, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        // In the order of the chain. An entry that isn't old enough ends it, even if later ones are older because the clock was wrong.
        var oldest = await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Id).Take(EntriesAtOnce)
            .Select(entry => new { entry.Id, entry.At, entry.Hash, entry.AccountId }).ToListAsync(cancellation);
        var old = oldest.TakeWhile(entry => entry.At < before).ToList();
        var read = await FindLastReadAsync(context, cancellation);
        var removed = old.TakeWhile(entry => entry.Id <= read).ToList();
        var kept = removed.Count < old.Count ? old[removed.Count] : null;
        if (removed.Count == 0)
            return (0, kept?.Id);
        var last = removed[^1];
        context.AuditTrims.Add(new AuditTrim { At = clock.GetUtcNow().UtcDateTime, LastEntryId = last.Id, LastHash = last.Hash, Entries = removed.Count });
        await context.SaveChangesAsync(cancellation);
        await context.AuditEntries.Where(entry => entry.Id <= last.Id).ExecuteDeleteAsync(cancellation);
        foreach (var of in removed.GroupBy(entry => entry.AccountId))
        {
            var name = await context.Accounts.Where(account => account.Id == of.Key).Select(account => account.Name).SingleAsync(cancellation);
            audit.Add(context, Actor.OfPortal(of.Key), AuditAction.AuditTrimmed, of.Key, name, new Dictionary<string, object?>
            {
                ["count"] = of.Count(), ["last_entry"] = last.Id,
            });
        }

        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (removed.Count, kept?.Id);
    }

    /// <summary>Finds the last entry that the stream and all webhooks have read.</summary>
    private async Task<long> FindLastReadAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var webhooks = await context.WebhookEndpoints.Where(endpoint => endpoint.DisabledAt == null).MinAsync(endpoint => (long?)endpoint.LastEntryId, cancellation) ?? long.MaxValue;
        return options.Value.Stream.Enabled
            ? Math.Min(webhooks, await context.AuditStreamCursors.Where(cursor => cursor.Name == Streaming.AuditStream.Name).Select(cursor => (long?)cursor.LastEntryId).SingleOrDefaultAsync(cancellation) ?? 0)
            : webhooks;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} entries of the audit log at the end of their retention")]
    private partial void LogRemoved(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entries of the audit log from {Id} on are older than Audit:RetentionDays, but not removed: the collector or a webhook hasn't got them yet")]
    private partial void LogKept(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old entries of the audit log could not be removed. Portal retries in an hour")]
    private partial void LogFailed(Exception exception);
}
