using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Mail;
using Portal.Tokens;

namespace Portal.Notices;

/// <summary>Adds a notice, its mails and its audit entry, which the caller saves in one transaction.</summary>
internal sealed class NoticeRows(AuditLog audit, MailSender sender, IOptions<NoticeOptions> options)
{
    public void Add(PortalDbContext context, TokenNotice notice, IEnumerable<NoticeReader> readers, DateTime now) =>
        Add(context, notice.AccountId, notice.TokenId, notice.Handle, notice.TokenName, notice.Kind, notice.Key, notice.IsUrgent, notice.Details, readers, now);

    /// <param name="tokenId">Null: it isn't about a token.</param>
    /// <param name="targetId">The target of the audit entry.</param>
    /// <param name="isUrgent">Whether the mail is sent at once to readers of a digest, too.</param>
    public void Add(
        PortalDbContext context, string accountId, long? tokenId, string targetId, string targetName, string kind, string key, bool isUrgent,
        IReadOnlyDictionary<string, object?> details, IEnumerable<NoticeReader> readers, DateTime now)
    {
        var row = new Notice { AccountId = accountId, TokenId = tokenId, Kind = kind, Key = key, At = now };
        // Without a mail server, nothing waits for one.
        if (sender.IsOn)
            row.Recipients.AddRange(readers.Select(reader => new NoticeRecipient
            {
                AccountId = accountId, Email = reader.Email, UserId = reader.UserId,
                DueAt = isUrgent ? now : DigestTime.Next(reader.Digest, ReaderZone.Find(reader.TimeZone, options.Value), now),
            }));
        context.Notices.Add(row);
        audit.Add(context, Actor.OfPortal(accountId), NoticeKind.AuditCode(kind), targetId, targetName, details);
    }

    /// <summary>Adds mails about something else than a token, at once, to readers of a digest too. What they are about has an audit entry of its own.</summary>
    public void AddMails(PortalDbContext context, string accountId, string kind, string key, IReadOnlyCollection<NoticeReader> readers, DateTime now)
    {
        if (!sender.IsOn || readers.Count == 0)
            return;
        var row = new Notice { AccountId = accountId, Kind = kind, Key = key, At = now };
        row.Recipients.AddRange(readers.Select(reader => new NoticeRecipient { AccountId = accountId, Email = reader.Email, UserId = reader.UserId, DueAt = now }));
        context.Notices.Add(row);
    }
}

/// <summary>The time zone of a reader.</summary>
internal static class ReaderZone
{
    /// <param name="chosen">The zone that the reader chose; null: none.</param>
    public static TimeZoneInfo Find(string? chosen, NoticeOptions options) =>
        (chosen is not null && TimeZoneInfo.TryFindSystemTimeZoneById(chosen, out var zone)) || TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out zone) ? zone : TimeZoneInfo.Utc;
}
