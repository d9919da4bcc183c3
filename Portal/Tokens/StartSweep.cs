using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>Makes pending tokens active at their start. Keys are accepted from the start even if it isn't recorded yet.</summary>
/// <remarks>A recorded start is permanent, so it depends only on the trusted time: a token doesn't become pending again because a clock was set
/// back.</remarks>
public sealed partial class StartSweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, TokenChanges changes, MonotonicClock clock, ILogger<StartSweep> logger)
    : TimedSweep(changes, clock)
{
    /// <summary>Tokens per transaction, which keeps the database locked for a few milliseconds only.</summary>
    internal const int TokensAtOnce = 100;

    /// <inheritdoc/>
    public override async Task<DateTime?> SweepAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var next = await context.Tokens.Where(token => token.StartsAt != null).OrderBy(token => token.StartsAt).Select(token => token.StartsAt).FirstOrDefaultAsync(cancellation);
            if (next is null || next > TrustedNow)
                return next;
            await writes.RunAsync(token => StartAsync(context, token), cancellation);
        }
    }

    private async Task StartAsync(PortalDbContext context, CancellationToken cancellation)
    {
        var now = TrustedNow;
        var due = await context.Tokens.Where(token => token.StartsAt != null && token.StartsAt <= now).OrderBy(token => token.StartsAt).Take(TokensAtOnce).ToListAsync(cancellation);
        foreach (var token in due)
        {
            var portal = Actor.OfPortal(token.AccountId);
            audit.Add(context, portal, AuditAction.TokenStarted, token.Handle, token.Name, new Dictionary<string, object?> { ["starts"] = token.StartsAt });
            (token.Status, token.StartsAt, token.Version) = (StoredStatus.Active, null, Guid.CreateVersion7());
            // From now on it can be used, so a policy mustn't call it idle yet.
            (token.UpdatedAt, token.UpdatedById, token.UpdatedByName) = (WholeSeconds.Of(now), portal.Id, portal.Name);
        }

        try
        {
            await context.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another node, or a person, came first. The next round reads again.
        }
        finally
        {
            foreach (var token in due)
                Publish(token.Handle);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pending tokens could not be recorded as active at their start; Portal retries every minute. Their keys work")]
    protected override partial void LogFailed(Exception exception);
}
