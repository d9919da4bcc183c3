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
    public void Add(PortalDbContext context, TokenNotice notice, IEnumerable<NoticeReader> readers, DateTime now)
    {
        var row = new Notice { AccountId = notice.AccountId, TokenId = notice.TokenId, Kind = notice.Kind, Key = notice.Key, At = now };
        // Without a mail server, nothing waits for one.
        if (sender.IsOn)
            row.Recipients.AddRange(readers.Select(reader => new NoticeRecipient
            {
                AccountId = notice.AccountId, Email = reader.Email, UserId = reader.UserId,
                DueAt = notice.IsUrgent ? now : DigestTime.Next(reader.Digest, ReaderZone.Find(reader.TimeZone, options.Value), now),
            }));
        context.Notices.Add(row);
        audit.Add(context, Actor.OfPortal(notice.AccountId), NoticeKind.AuditCode(notice.Kind), notice.Handle, notice.TokenName, notice.Details);
    }
}

/// <summary>The time zone of a reader.</summary>
internal static class ReaderZone
{
    /// <param name="chosen">The zone that the reader chose; null: none.</param>
    public static TimeZoneInfo Find(string? chosen, NoticeOptions options) =>
        (chosen is not null && TimeZoneInfo.TryFindSystemTimeZoneById(chosen, out var zone)) || TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out zone) ? zone : TimeZoneInfo.Utc;
}
