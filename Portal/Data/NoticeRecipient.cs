using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A person who gets a <see cref="Notice"/> by mail. The rows that aren't sent are the queue of mails: they are written in the transaction
/// of the notice.</summary>
public sealed class NoticeRecipient
{
    public const int ErrorLength = 500;

    public long Id { get; init; }
    public long NoticeId { get; init; }
    public Notice? Notice { get; init; }
    public required string AccountId { get; init; }

    public required string Email { get; init; }

    /// <summary>The user; null: the address isn't that of a user.</summary>
    public string? UserId { get; init; }

    /// <summary>When the mail is due. For a digest, or after a failed attempt, this is later than the notice.</summary>
    public DateTime DueAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>Until when a process has the mail for itself; null or past: none has it.</summary>
    public DateTime? ClaimedUntil { get; set; }

    /// <summary>When the mail server accepted the mail, or Portal gave up; null: it is still waiting.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>The reason why the last attempt failed; null: none failed.</summary>
    public string? Error { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<NoticeRecipient>
    {
        public void Configure(EntityTypeBuilder<NoticeRecipient> entity)
        {
            entity.ToTable("NoticeRecipients");
            entity.Property(recipient => recipient.Email).HasMaxLength(256);
            entity.Property(recipient => recipient.Error).HasMaxLength(ErrorLength);
            entity.HasOne(recipient => recipient.Notice).WithMany(notice => notice.Recipients).HasForeignKey(recipient => recipient.NoticeId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<Account>().WithMany().HasForeignKey(recipient => recipient.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(recipient => new { recipient.DueAt, recipient.Email }).HasDatabaseName("IX_NoticeRecipients_Waiting").HasFilter("\"EndedAt\" IS NULL");
        }
    }
}
