using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;

namespace Portal.Notices;

/// <summary>A notice as a page lists it.</summary>
/// <param name="Handle">The handle of the token; empty: it isn't about a token.</param>
/// <param name="Name">The name of the token, or the address of the webhook endpoint.</param>
/// <param name="Path">The page that shows more, relative to the base address.</param>
/// <param name="At">UTC.</param>
/// <param name="ExpiresAt">The expiration of the token, UTC; null: none.</param>
public sealed record NoticeEntry(long Id, string Kind, string Handle, string Name, string Path, DateTime At, DateTime? ExpiresAt);

/// <summary>Lists the notices of the last days that still hold: a token that was renewed needs no attention.</summary>
public sealed class NoticeList(IDbContextFactory<PortalDbContext> contexts, AccessControl access, TimeProvider clock)
{
    /// <summary>The number of days after which a notice is no longer listed.</summary>
    public const int Days = 14;

    /// <summary>The maximum number of listed notices.</summary>
    public const int Most = 100;

    /// <summary>Reads the notices of the actor's account, newest first.</summary>
    public async Task<IReadOnlyList<NoticeEntry>> ReadAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        var since = clock.GetUtcNow().UtcDateTime.AddDays(-Days);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var rows = await context.Notices.AsNoTracking()
            .Where(notice => notice.AccountId == actor.AccountId && notice.At >= since && notice.TokenId != null)
            .OrderByDescending(notice => notice.At).Take(Most)
            .Join(context.Tokens, notice => notice.TokenId, token => token.Id, (notice, token) => new
            {
                notice.Id, notice.Kind, notice.Key, notice.At, TokenId = token.Id, token.Handle, token.Name, token.ExpiresAt, token.Status,
            })
            .ToListAsync(cancellation);
        NoticeEntry[] ofTokens =
        [
            .. await ReadRequestsAsync(context, actor, since, cancellation),
            .. rows.OrderByDescending(row => row.At).ThenByDescending(row => row.Id)
                .Where(row => row.Status != StoredStatus.Deleted && (row.Kind != NoticeKind.Expiring || (row.Status == StoredStatus.Active && ExpiryKey.Parse(row.Key)?.IsOf(row.ExpiresAt) is true)))
                .DistinctBy(row => (row.Kind, row.TokenId))
                .Select(row => new NoticeEntry(row.Id, row.Kind, row.Handle, row.Name, $"tokens/{row.Handle}", row.At, row.ExpiresAt)),
        ];
        // Only administrators see webhooks.
        return actor.May(Role.Administrator) ? [.. (await ReadWebhooksAsync(context, actor.AccountId, since, cancellation)).Concat(ofTokens).OrderByDescending(notice => notice.At).Take(Most)] : ofTokens;
    }

    private static async Task<IReadOnlyList<NoticeEntry>> ReadWebhooksAsync(PortalDbContext context, string accountId, DateTime since, CancellationToken cancellation)
    {
        var stopped = (await StoppedEndpoint.FindAsync(context, accountId, since, cancellation)).ToDictionary(endpoint => endpoint.Key);
        if (stopped.Count == 0)
            return [];
        var keys = stopped.Keys.ToArray();
        var notices = await context.Notices.AsNoTracking().Where(notice => notice.AccountId == accountId && keys.Contains(notice.Key)).ToListAsync(cancellation);
        return [.. notices.Select(notice => new NoticeEntry(notice.Id, notice.Kind, "", stopped[notice.Key].Origin, stopped[notice.Key].Path, notice.At, null))];
    }

    /// <summary>Reads the requests that wait for the actor's approval, and the actor's own that were decided.</summary>
    private async Task<IEnumerable<NoticeEntry>> ReadRequestsAsync(PortalDbContext context, Actor actor, DateTime since, CancellationToken cancellation)
    {
        if (!actor.May(Role.Operator))
            return [];
        var now = clock.GetUtcNow().UtcDateTime;
        var own = await context.ApprovalRequests.AsNoTracking().Where(request => request.AccountId == actor.AccountId && request.RequestedById == actor.Id)
            .OrderByDescending(request => request.Id).Take(Most).Select(request => new { request.Id, request.State, request.TokenName, request.DecidedAt }).ToListAsync(cancellation);
        var decided = own.Where(request => request.DecidedAt >= since && request.State != ApprovalState.Withdrawn)
            .Select(request => Entry(request.Id, NoticeKind.ApprovalDecided, request.TokenName, request.DecidedAt!.Value));
        if (!actor.May(Role.Administrator))
            return decided.OrderByDescending(entry => entry.At);
        var waiting = await context.ApprovalRequests.AsNoTracking()
            .Where(request => request.AccountId == actor.AccountId && request.State == ApprovalState.Waiting && request.EndsAt > now && request.RequestedById != actor.Id)
            .OrderByDescending(request => request.Id).Take(Most).Select(request => new { request.Id, request.TokenName, request.CreatedAt }).ToListAsync(cancellation);
        return waiting.Select(request => Entry(request.Id, NoticeKind.ApprovalRequested, request.TokenName, request.CreatedAt)).Concat(decided).OrderByDescending(entry => entry.At);

        // Notices have positive IDs.
        static NoticeEntry Entry(long id, string kind, string tokenName, DateTime at) => new(-id, kind, "", tokenName, $"approvals/{id}", at, null);
    }
}
