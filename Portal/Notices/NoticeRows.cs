using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Mail;

namespace Portal.Notices;

/// <summary>A notice that is to be stored.</summary>
/// <param name="IsUrgent">Whether the mail is sent at once to readers of a digest, too.</param>
/// <param name="Details">For the audit entry. Never a secret.</param>
internal sealed record NewNotice(
    string AccountId, long TokenId, string Handle, string TokenName, string Kind, string Key, bool IsUrgent, IReadOnlyDictionary<string, object?> Details);

/// <summary>Adds a notice, its mails and its audit entry, which the caller saves in one transaction.</summary>
internal sealed class NoticeRows(AuditLog audit, MailSender sender, IOptions<NoticeOptions> options)
{
    public void Add(PortalDbContext context, NewNotice notice, IEnumerable<NoticeReader> readers, DateTime now)
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
        audit.Add(context, ActorOf(notice.AccountId), NoticeKind.AuditCode(notice.Kind), notice.Handle, notice.TokenName, notice.Details);
    }

    private static Actor ActorOf(string accountId) => new(ActorKind.System, "portal", "Portal", accountId, Role.Viewer);
}

/// <summary>The time zone of a reader.</summary>
internal static class ReaderZone
{
    /// <param name="chosen">The zone that the reader chose; null: none.</param>
    public static TimeZoneInfo Find(string? chosen, NoticeOptions options) =>
        (chosen is not null && TimeZoneInfo.TryFindSystemTimeZoneById(chosen, out var zone)) || TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out zone) ? zone : TimeZoneInfo.Utc;
}
