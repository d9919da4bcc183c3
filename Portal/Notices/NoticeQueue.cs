using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Portal.Data;

namespace Portal.Notices;

/// <summary>The notices that one person gets in one mail.</summary>
/// <param name="UserId">Null: the address isn't that of a user.</param>
/// <param name="Rows">The IDs of the waiting rows, in ascending order.</param>
/// <param name="Claim">Until when this process has them. The rows of a mail have the same time, so that they stay together.</param>
internal sealed record NoticeMail(string Email, string? UserId, IReadOnlyList<long> Rows, DateTime Claim, int Attempts)
{
    /// <summary>Identifies the mail, however often it is sent.</summary>
    public string Key => $"notice-{Rows[0]}-{Rows[^1]}";
}

/// <summary>The notices that wait to be mailed.</summary>
/// <remarks>Rows are claimed before they are sent. If the process is killed after the mail server has accepted a mail, the same rows form the same mail again,
/// with the same ID, as soon as the claim has ended: nothing is lost, and mail programs recognize the duplicate.</remarks>
internal sealed class NoticeQueue(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes)
{
    internal const int RowsAtOnce = 500;

    /// <summary>The number of attempts after which Portal gives up on a reader whose mail the server refuses.</summary>
    internal const int MostAttempts = 8;

    /// <summary>Longer than a conversation with the mail server, so that no mail is sent by two processes.</summary>
    internal static readonly TimeSpan ClaimFor = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12)];

    /// <summary>Whether a mail is due.</summary>
    public async Task<bool> IsDueAsync(string accountId, DateTime now, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await Due(context, accountId, now).Select(row => row.Id).FirstOrDefaultAsync(cancellation) != 0;
    }

    /// <summary>Claims all notices of the next reader.</summary>
    /// <returns>Null: no mail is due.</returns>
    public async Task<NoticeMail?> TakeAsync(string accountId, DateTime now, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var first = await Due(context, accountId, now).Select(row => new { row.Email, row.UserId, row.ClaimedUntil, row.Attempts }).FirstOrDefaultAsync(cancellation);
        if (first is null)
            return null;
        var (claim, rows) = (now + ClaimFor, new List<long>());
        while (true)
        {
            // The rows of a mail that may have arrived stay together.
            var page = await Due(context, accountId, now).Where(row => row.Email == first.Email && row.ClaimedUntil == first.ClaimedUntil)
                .Select(row => row.Id).Take(RowsAtOnce).ToListAsync(cancellation);
            if (page.Count == 0)
                break;
            rows.AddRange(page);
            await SetAsync(context, page, set => set.SetProperty(row => row.ClaimedUntil, claim), cancellation);
        }

        rows.Sort();
        return rows.Count == 0 ? null : new NoticeMail(first.Email, first.UserId, rows, claim, first.Attempts);
    }

    /// <summary>Ends rows: their mail was sent, or there is nothing to tell anymore.</summary>
    /// <param name="reason">Why nothing was sent; null: it was.</param>
    public async Task EndAsync(NoticeMail mail, DateTime now, string? reason, CancellationToken cancellation)
    {
        var error = Cut(reason);
        await SetAllAsync(
            mail,
            set => set.SetProperty(row => row.EndedAt, now).SetProperty(row => row.ClaimedUntil, (DateTime?)null).SetProperty(row => row.Attempts, mail.Attempts + 1)
                .SetProperty(row => row.Error, error), cancellation);
    }

    /// <summary>Lets a mail wait that the server refuses, or gives up.</summary>
    /// <returns>Whether Portal has given up.</returns>
    public async Task<bool> PostponeAsync(NoticeMail mail, DateTime now, string reason, CancellationToken cancellation)
    {
        var attempts = mail.Attempts + 1;
        if (attempts >= MostAttempts)
        {
            await EndAsync(mail, now, reason, cancellation);
            return true;
        }

        var (until, error) = (now + PauseAfter(attempts), Cut(reason));
        await SetAllAsync(mail, set => set.SetProperty(row => row.ClaimedUntil, until).SetProperty(row => row.Attempts, attempts).SetProperty(row => row.Error, error), cancellation);
        return false;
    }

    /// <summary>Returns a mail because the server takes none. It doesn't count as an attempt.</summary>
    /// <param name="mayHaveArrived">Whether the rows must stay together; otherwise later notices of the reader join them.</param>
    public async Task ReturnAsync(NoticeMail mail, DateTime now, string reason, bool mayHaveArrived, CancellationToken cancellation)
    {
        DateTime? until = mayHaveArrived ? now + PauseAfter(1) : null;
        var error = Cut(reason);
        await SetAllAsync(mail, set => set.SetProperty(row => row.ClaimedUntil, until).SetProperty(row => row.Error, error), cancellation);
    }

    /// <summary>The pause after a number of failures in a row.</summary>
    public static TimeSpan PauseAfter(int failures) => Pauses[Math.Clamp(failures, 1, Pauses.Length) - 1];

    /// <summary>The waiting rows, in the order of the index. The expression keeps the database from beginning with all rows of the account.</summary>
    private static IQueryable<NoticeRecipient> Due(PortalDbContext context, string accountId, DateTime now) => context.NoticeRecipients.AsNoTracking()
        .Where(row => row.EndedAt == null && row.DueAt <= now && row.AccountId + "" == accountId && (row.ClaimedUntil == null || row.ClaimedUntil <= now))
        .OrderBy(row => row.DueAt).ThenBy(row => row.Email);

    private async Task SetAllAsync(NoticeMail mail, Action<UpdateSettersBuilder<NoticeRecipient>> set, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        foreach (var rows in mail.Rows.Chunk(RowsAtOnce))
            await SetAsync(context, rows, set, cancellation, mail.Claim);
    }

    /// <param name="claim">The claim that the rows must still have.</param>
    private Task<int> SetAsync(
        PortalDbContext context, IReadOnlyCollection<long> ids, Action<UpdateSettersBuilder<NoticeRecipient>> set, CancellationToken cancellation,
        DateTime? claim = null) => writes.RunUpkeepAsync(
            token => context.NoticeRecipients.Where(row => ids.Contains(row.Id) && row.EndedAt == null && (claim == null || row.ClaimedUntil == claim)).ExecuteUpdateAsync(set, token),
            cancellation);

    private static string? Cut(string? text) => text is { Length: > NoticeRecipient.ErrorLength } ? text[..NoticeRecipient.ErrorLength] : text;
}
