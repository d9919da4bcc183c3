using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Localization;
using Portal.Mail;

namespace Portal.Notices;

/// <summary>Writes the mail for the notices of a reader, in their language and time zone, from what is true at that time.</summary>
internal sealed class NoticeMails(IDbContextFactory<PortalDbContext> contexts, ApprovalMails approvals, IOptions<NoticeOptions> options, TimeProvider clock)
{
    /// <summary>The number of tokens that a summary lists. It counts the others.</summary>
    internal const int MostListed = 50;

    /// <summary>The page on which users choose their notices.</summary>
    private const string SettingsPath = "profile#notices";

    /// <returns>Null: there is nothing to tell anymore, because the tokens were renewed, disabled or deleted, or the user can't sign in anymore.</returns>
    public async Task<MailMessage?> ComposeAsync(NoticeMail mail, string accountId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var user = mail.UserId is null ? null : await context.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == mail.UserId && user.AccountId == accountId, cancellation);
        if (mail.UserId is not null && (user is null || (user.LockoutEnabled && user.LockoutEnd > now)))
            return null;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Languages.Find(user?.Language) ?? Languages.Find(options.Value.Language) ?? Languages.Default;
        var content = await ReadAsync(context, mail, accountId, now.UtcDateTime, cancellation);
        var moment = new ReaderMoment(ReaderZone.Find(user?.TimeZone, options.Value), now.UtcDateTime);
        MailMessage? message = content.Count switch
        {
            0 => null,
            1 when content.Listed.Single() is { Endpoint: { } endpoint } => OfEndpoint(mail, endpoint, moment),
            1 when content.Listed.Single() is { Request: { } request } only => approvals.Write(mail, only.Kind, request, moment),
            1 => await OneAsync(context, mail, content.Listed.Single(), moment, cancellation),
            _ => Summary(mail, content, moment),
        };
        return message is null ? null : message with
        {
            Key = mail.Key,
            Settings = mail.UserId is null ? null : new MailItem(Texts.NoticeMail_Settings, SettingsPath),
        };
    }

    private static async Task<Content> ReadAsync(PortalDbContext context, NoticeMail mail, string accountId, DateTime now, CancellationToken cancellation)
    {
        var content = new Content();
        foreach (var ids in mail.Rows.Chunk(NoticeQueue.RowsAtOnce))
        {
            content.Add((await ApprovalMails.ReadAsync(context, ids, now, cancellation)).Select(found =>
                new Item(found.Kind, "", -found.Request.Id, "", found.Request.TokenName, StoredStatus.Active, null) { Request = found.Request }));
            content.Add(await (
                from row in context.NoticeRecipients.AsNoTracking()
                where ids.Contains(row.Id)
                join notice in context.Notices on row.NoticeId equals notice.Id
                join token in context.Tokens on notice.TokenId equals token.Id
                where token.DeletedAt == null
                select new Item(notice.Kind, notice.Key, token.Id, token.Handle, token.Name, token.Status, token.ExpiresAt)).ToListAsync(cancellation));
            var keys = await (
                from row in context.NoticeRecipients.AsNoTracking()
                where ids.Contains(row.Id)
                join notice in context.Notices on row.NoticeId equals notice.Id
                where notice.TokenId == null
                select notice.Key).ToListAsync(cancellation);
            if (keys.Count > 0)
                content.Add((await StoppedEndpoint.FindAsync(context, accountId, DateTime.MinValue, cancellation)).Where(endpoint => keys.Contains(endpoint.Key))
                    .Select(endpoint => new Item(NoticeKind.WebhookOff, endpoint.Key, 0, "", endpoint.Origin, StoredStatus.Active, null) { Endpoint = endpoint }));
        }

        return content;
    }

    private static async Task<MailMessage> OneAsync(PortalDbContext context, NoticeMail mail, Item item, ReaderMoment moment, CancellationToken cancellation)
    {
        var token = await context.Tokens.AsNoTracking().SingleAsync(token => token.Id == item.TokenId, cancellation);
        var fingerprint = await context.NewestSecretsOf(token.Id).AsNoTracking().Select(secret => secret.Fingerprint).FirstOrDefaultAsync(cancellation);
        var owner = token.OwnerId is { } id ? await context.TokenOwners.AsNoTracking().SingleOrDefaultAsync(owner => owner.Id == id, cancellation) : null;
        var (title, text) = NoticeTexts.Describe(item.Kind, item.Name, item.Handle, item.ExpiresAt, moment);
        List<MailFact> facts = [new(Texts.Token_Handle, token.Handle)];
        if (fingerprint is not null)
            facts.Add(new MailFact(Texts.KeyFacts_Fingerprint, "…" + fingerprint));
        facts.Add(new MailFact(Texts.Token_Extension, token.ExtensionName));
        if (token.ExpiresAt is { } expires)
            facts.Add(new MailFact(Texts.Token_Expires, moment.Write(expires)));
        facts.Add(new MailFact(Texts.Token_LastUsed, token.LastUsedAt is not { } used ? Texts.GeneralTab_NeverUsed
            : token.LastUsedAddress is { } address ? Texts.NoticeMail_UsedFrom.With(moment.Write(used), address) : moment.Write(used)));
        if (token.LastUsedClient is { } client)
            facts.Add(new MailFact(Texts.RecentRequests_Client, client));
        var isContact = string.Equals(token.Contact, mail.Email, StringComparison.OrdinalIgnoreCase);
        var path = $"tokens/{token.Handle}";
        return new MailMessage(
            mail.Email, title, [text],
            item.Kind == NoticeKind.Expiring ? Texts.TokenAction_Renew : Texts.NoticeMail_ShowToken,
            item.Kind == NoticeKind.Expiring ? $"{path}?do=renew" : path)
        {
            Facts = facts,
            OtherLink = new MailItem(Texts.NoticeMail_NotMine, $"{path}/not-mine"),
            Closing = [isContact ? Texts.NoticeMail_BecauseContact : mail.UserId is not null && owner?.UserId == mail.UserId ? Texts.NoticeMail_BecauseOwner : Texts.NoticeMail_BecauseAdministrator],
        };
    }

    private static MailMessage OfEndpoint(NoticeMail mail, StoppedEndpoint endpoint, ReaderMoment moment)
    {
        var (title, text) = NoticeTexts.Describe(NoticeKind.WebhookOff, endpoint.Origin, "", null, moment);
        return new MailMessage(mail.Email, title, [text], Texts.NoticeMail_ShowWebhook, endpoint.Path)
        {
            Facts = [new MailFact(Texts.NoticeMail_DisabledOn, moment.Write(endpoint.DisabledAt))], Closing = [Texts.NoticeMail_BecauseAdministrator],
        };
    }

    private static MailMessage Summary(NoticeMail mail, Content content, ReaderMoment moment)
    {
        var paragraphs = new List<string> { Texts.NoticeMail_SummaryText };
        if (content.Count > content.Listed.Count)
            paragraphs.Add(Texts.NoticeMail_SummaryFirst.With(content.Listed.Count, content.Count));
        MailFact[] facts = [.. content.Counts.Select(count => new MailFact(NoticeTexts.NameOf(count.Key), count.Value.ToString("N0", CultureInfo.CurrentCulture)))];
        return new MailMessage(
            mail.Email, Texts.NoticeMail_SummarySubject.With(content.Count.ToString("N0", CultureInfo.CurrentCulture)), paragraphs,
            Texts.NoticeMail_ShowTokens, content.Counts.ContainsKey(NoticeKind.Expiring) ? "tokens?expiring=1" : "tokens")
        {
            Facts = facts,
            Items = [.. content.Listed.Select(item => new MailItem(
                NoticeTexts.Describe(item.Kind, item.Name, item.Handle, item.ExpiresAt, moment).Title, item.Path, item.IsOfToken ? $"({item.Handle})" : ""))],
            Closing = [Texts.NoticeMail_BecauseSome],
        };
    }

    private sealed record Item(string Kind, string Key, long TokenId, string Handle, string Name, StoredStatus Status, DateTime? ExpiresAt)
    {
        /// <summary>The request that it is about; null: it is about something else. Requests have negative IDs.</summary>
        public ApprovalRequest? Request { get; init; }

        /// <summary>The webhook endpoint that it is about; null: it is about something else.</summary>
        public StoppedEndpoint? Endpoint { get; init; }

        public bool IsOfToken => Request is null && Endpoint is null;

        public string Path => Request is { } request ? ApprovalMails.PathOf(request) : Endpoint?.Path ?? $"tokens/{Handle}";

        /// <summary>Whether it still holds.</summary>
        public bool IsCurrent => Kind != NoticeKind.Expiring || (Status == StoredStatus.Active && ExpiryKey.Parse(Key)?.IsOf(ExpiresAt) is true);
    }

    /// <summary>What a mail tells. Of any number of notices, it keeps those that expire first.</summary>
    private sealed class Content
    {
        private readonly HashSet<(string Kind, long Id)> _told = [];
        private readonly PriorityQueue<Item, DateTime> _listed = new(Comparer<DateTime>.Create((one, other) => other.CompareTo(one)));

        public int Count => _told.Count;
        public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);
        public IReadOnlyList<Item> Listed => [.. _listed.UnorderedItems.OrderBy(entry => entry.Priority).ThenBy(entry => entry.Element.TokenId).Select(entry => entry.Element)];

        public void Add(IEnumerable<Item> items)
        {
            foreach (var item in items)
            {
                if (!item.IsCurrent || !_told.Add((item.Kind, item.Endpoint?.Id ?? item.TokenId)))
                    continue;
                Counts[item.Kind] = Counts.GetValueOrDefault(item.Kind) + 1;
                _listed.Enqueue(item, item.ExpiresAt ?? DateTime.MaxValue);
                if (_listed.Count > MostListed)
                    _listed.Dequeue();
            }
        }
    }
}
