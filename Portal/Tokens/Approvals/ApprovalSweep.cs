using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens.Approvals;

/// <summary>Ends requests about which nobody decided in time, and removes old ones at the end of <see cref="TokenOptions.ApprovalRetentionDays"/>.</summary>
/// <remarks>Every node does it. A request ends only in the version that was read, so nothing happens twice.</remarks>
public sealed partial class ApprovalSweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, ApprovalStore store, TokenChanges changes, IOptions<TokenOptions> options, MonotonicClock clock,
    ILogger<ApprovalSweep> logger)
    : TimedSweep(changes, clock)
{
    private const int RequestsAtOnce = 100;

    private static readonly TimeSpan BetweenRemovals = TimeSpan.FromHours(1);

    private DateTime _nextRemoval;

    /// <inheritdoc/>
    public override async Task<DateTime?> SweepAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            // With this comparison, SQLite searches the index instead of reading it.
            var next = await context.ApprovalRequests.Where(request => request.State == ApprovalState.Waiting && request.EndsAt > DateTime.UnixEpoch).OrderBy(request => request.EndsAt)
                .Select(request => (DateTime?)request.EndsAt).FirstOrDefaultAsync(cancellation);
            if (next is null || next > TrustedNow)
            {
                await RemoveAsync(cancellation);
                return next;
            }

            await writes.RunAsync(turn => EndAsync(context, turn), cancellation);
        }
    }

    /// <summary>Removes old requests, at most once an hour: each change of a token starts a sweep.</summary>
    private async Task RemoveAsync(CancellationToken cancellation)
    {
        if (TrustedNow < _nextRemoval)
            return;
        while (await writes.RunUpkeepAsync(RemoveSomeAsync, cancellation) == RequestsAtOnce)
        {
        }

        _nextRemoval = TrustedNow + BetweenRemovals;
    }

    /// <returns>The number of requests that were removed.</returns>
    private async Task<int> RemoveSomeAsync(CancellationToken cancellation)
    {
        var before = TrustedNow.AddDays(-options.Value.ApprovalRetentionDays);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        // The oldest requests have the lowest IDs, so this needs no index by time.
        var oldest = await context.ApprovalRequests.AsNoTracking().OrderBy(request => request.Id).Take(RequestsAtOnce)
            .Select(request => new { request.Id, request.State, request.CreatedAt }).ToListAsync(cancellation);
        var old = oldest.Where(request => request.State != ApprovalState.Waiting && request.CreatedAt <= before).Select(request => request.Id).ToList();
        return old.Count == 0 ? 0 : await context.ApprovalRequests.Where(request => old.Contains(request.Id)).ExecuteDeleteAsync(cancellation);
    }

    private async Task EndAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var now = TrustedNow;
        var due = await context.ApprovalRequests.Where(request => request.State == ApprovalState.Waiting && request.EndsAt <= now)
            .OrderBy(request => request.EndsAt).Take(RequestsAtOnce).ToListAsync(cancellation);
        foreach (var request in due)
            await store.SettleAsync(context, Actor.OfPortal(request.AccountId), request, ApprovalState.Expired, AuditAction.ApprovalExpired, null, WholeSeconds.Of(now), cancellation);
        try
        {
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException exception) when (exception is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(exception))
        {
            // Another node, or a person, came first. The next round reads again.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests for approval whose time is over could not be ended; Portal retries every minute. Nobody can approve them")]
    protected override partial void LogFailed(Exception exception);
}
