using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Notices;

/// <summary>Writes the notices of tokens that expire soon or have expired.</summary>
/// <remarks>A token is told about once for each moment: the key of its notice contains the expiration and the number of days. If several moments have
/// passed, as after a downtime, only the newest counts.</remarks>
internal sealed class ExpirySweep(IDbContextFactory<PortalDbContext> contexts, ReaderFinder readers, NoticeRows rows, IOptions<NoticeOptions> options)
{
    /// <summary>The number of tokens in one transaction, so that the changes of people wait only a few milliseconds.</summary>
    internal const int TokensAtOnce = 100;

    /// <summary>The number of tokens that are found in one query.</summary>
    private const int FoundAtOnce = 10_000;

    /// <summary>Tokens that expired longer ago aren't announced.</summary>
    private static readonly TimeSpan LongestAgo = TimeSpan.FromDays(31);

    /// <summary>The distances at which tokens are looked for.</summary>
    private IEnumerable<int> Days => options.Value.ExpiryDays.Union(NoticeDays.Offered);

    /// <summary>Finds the tokens for which a moment of notice may have passed since <paramref name="since"/>.</summary>
    public async Task<List<long>> FindAsync(string accountId, DateTime since, DateTime now, CancellationToken cancellation)
    {
        var found = new HashSet<long>();
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var days in Days)
        {
            // Before the expiration, only tokens that haven't expired count.
            var after = days == 0 ? Later(since, now - LongestAgo) : Later(since.AddDays(days), now);
            var (until, last) = (now.AddDays(days), 0L);
            while (true)
            {
                var (from, id) = (after, last);
                var page = await context.Tokens.AsNoTracking()
                    .Where(token => token.AccountId == accountId && token.ExpiresAt >= from && token.ExpiresAt <= until && (token.ExpiresAt > from || token.Id > id))
                    .OrderBy(token => token.ExpiresAt).ThenBy(token => token.Id)
                    .Select(token => new { token.Id, token.ExpiresAt })
                    .Take(FoundAtOnce).ToListAsync(cancellation);
                found.UnionWith(page.Select(token => token.Id));
                if (page.Count < FoundAtOnce)
                    break;
                (after, last) = (page[^1].ExpiresAt!.Value, page[^1].Id);
            }
        }

        return [.. found.Order()];
    }

    /// <summary>Writes the notices of the tokens for which they are due. Those that exist remain as they are.</summary>
    public Task WriteAsync(NoticeTurn turn, IReadOnlyCollection<long> tokenIds, DateTime now, CancellationToken cancellation) =>
        turn.WriteAsync((context, token) => WriteAsync(context, turn.AccountId, tokenIds, now, token), cancellation);

    private async Task WriteAsync(PortalDbContext context, string accountId, IReadOnlyCollection<long> tokenIds, DateTime now, CancellationToken cancellation)
    {
        var tokens = await context.Tokens.AsNoTracking()
            .Where(token => tokenIds.Contains(token.Id) && token.AccountId == accountId && token.Status == StoredStatus.Active && token.ExpiresAt != null)
            .Select(token => new
            {
                token.Id, token.Handle, token.Name, token.Contact, token.OwnerId, token.NoticeDays, ExpiresAt = token.ExpiresAt!.Value,
                KeyCreatedAt = token.Secrets.Max(secret => (DateTime?)secret.CreatedAt) ?? token.CreatedAt,
            })
            .ToListAsync(cancellation);
        var due = (
            from token in tokens
            let days = NoticeDays.FindNewest(NoticeDays.Parse(token.NoticeDays) ?? options.Value.ExpiryDays, token.ExpiresAt, token.KeyCreatedAt, now)
            where days is not null
            select (Token: token, Days: days.Value, Key: ExpiryKey.Write(token.Id, token.ExpiresAt, days.Value))).ToList();
        if (due.Count == 0)
            return;
        var keys = due.Select(notice => notice.Key).ToArray();
        var known = await context.Notices.Where(notice => notice.AccountId == accountId && keys.Contains(notice.Key)).Select(notice => notice.Key).ToHashSetAsync(cancellation);
        due.RemoveAll(notice => known.Contains(notice.Key));
        var told = await readers.FindAsync(context, accountId, NoticeKind.Expiring, [.. due.Select(notice => (notice.Token.Id, notice.Token.Contact, notice.Token.OwnerId))], cancellation);
        foreach (var (token, days, key) in due)
        {
            var details = new Dictionary<string, object?> { ["days"] = days, ["expiresAt"] = token.ExpiresAt };
            rows.Add(context, new TokenNotice(accountId, token.Id, token.Handle, token.Name, NoticeKind.Expiring, key, IsUrgent: days <= 1, details), told[token.Id], now);
        }

        await context.SaveChangesAsync(cancellation);
    }

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}
