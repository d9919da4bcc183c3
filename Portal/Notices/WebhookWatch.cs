using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Notices;

/// <summary>A webhook endpoint that Portal has switched off.</summary>
/// <param name="Origin">The scheme, host and port. The rest of the URL may contain a secret of the receiver.</param>
/// <param name="Reason">As <see cref="WebhookEndpoint.DisabledReason"/>.</param>
internal sealed record StoppedEndpoint(long Id, string Origin, DateTime DisabledAt, string Reason)
{
    /// <summary>The key of the notice: once each time that the endpoint is switched off.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{NoticeKind.WebhookOff}:{Id}:{DisabledAt.Ticks / TimeSpan.TicksPerSecond}");

    /// <summary>The page of the endpoint.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"webhooks/{Id}");

    /// <summary>Finds the endpoints of an account that Portal has switched off since a time, and that are still off.</summary>
    public static async Task<IReadOnlyList<StoppedEndpoint>> FindAsync(PortalDbContext context, string accountId, DateTime since, CancellationToken cancellation) =>
    [
        .. (await context.WebhookEndpoints.AsNoTracking()
            .Where(endpoint => endpoint.AccountId == accountId && endpoint.DisabledReason != null && endpoint.DisabledAt >= since)
            .OrderBy(endpoint => endpoint.Id).Select(endpoint => new { endpoint.Id, endpoint.Url, DisabledAt = endpoint.DisabledAt!.Value, Reason = endpoint.DisabledReason! }).ToListAsync(cancellation))
            .Select(endpoint => new StoppedEndpoint(
                endpoint.Id, Uri.TryCreate(endpoint.Url, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : "", endpoint.DisabledAt, endpoint.Reason)),
    ];
}

/// <summary>Tells administrators about webhook endpoints that Portal has switched off.</summary>
/// <remarks>It compares what is off with the notices, so it doesn't matter which process switched the endpoint off, or when it was stopped.</remarks>
internal sealed class WebhookWatch(IDbContextFactory<PortalDbContext> contexts, ReaderFinder readers, NoticeRows rows)
{
    /// <summary>Endpoints that were switched off longer ago aren't announced. Notices are kept for longer than that.</summary>
    private static readonly TimeSpan LongestAgo = TimeSpan.FromDays(14);

    /// <summary>Finds what hasn't been told yet.</summary>
    public async Task<IReadOnlyList<StoppedEndpoint>> FindAsync(string accountId, DateTime now, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await FindAsync(context, accountId, now, cancellation);
    }

    /// <summary>Writes the notices. Those that exist remain as they are.</summary>
    public Task WriteAsync(NoticeTurn turn, DateTime now, CancellationToken cancellation) => turn.WriteAsync(
        async (context, token) =>
        {
            var stopped = await FindAsync(context, turn.AccountId, now, token);
            // Nobody owns an endpoint, so the administrators are told.
            var told = (await readers.FindAsync(context, turn.AccountId, NoticeKind.WebhookOff, [(0, null, null)], token))[0].ToList();
            foreach (var endpoint in stopped)
                rows.Add(
                    context, turn.AccountId, tokenId: null, endpoint.Id.ToString(CultureInfo.InvariantCulture), endpoint.Origin, NoticeKind.WebhookOff, endpoint.Key, isUrgent: true,
                    new Dictionary<string, object?> { ["reason"] = endpoint.Reason, ["disabled_at"] = endpoint.DisabledAt }, told, now);
            await context.SaveChangesAsync(token);
        },
        cancellation);

    private static async Task<IReadOnlyList<StoppedEndpoint>> FindAsync(PortalDbContext context, string accountId, DateTime now, CancellationToken cancellation)
    {
        var stopped = await StoppedEndpoint.FindAsync(context, accountId, now - LongestAgo, cancellation);
        if (stopped.Count == 0)
            return stopped;
        var keys = stopped.Select(endpoint => endpoint.Key).ToArray();
        var known = await context.Notices.Where(notice => notice.AccountId == accountId && keys.Contains(notice.Key)).Select(notice => notice.Key).ToHashSetAsync(cancellation);
        return [.. stopped.Where(endpoint => !known.Contains(endpoint.Key))];
    }
}
