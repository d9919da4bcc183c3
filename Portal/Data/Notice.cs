using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Something that people are told about a token or a request, such as its coming expiration.</summary>
public sealed class Notice
{
    public const int KeyLength = 128;
    public const int KindLength = 32;

    public long Id { get; init; }
    public required string AccountId { get; init; }

    /// <summary>The token that it is about; null: it is about something else.</summary>
    public long? TokenId { get; init; }

    /// <summary>The kind, such as <c>expiring</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Identifies the occasion in the account, such as <c>expiring:311:7</c>. It is unique, so that nobody is told twice.</summary>
    public required string Key { get; init; }

    public DateTime At { get; init; }

    /// <summary>Facts of the occasion, as a JSON object; null: none. Never a secret.</summary>
    public string? Details { get; init; }

    public List<NoticeRecipient> Recipients { get; init; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<Notice>
    {
        public void Configure(EntityTypeBuilder<Notice> entity)
        {
            entity.ToTable("Notices");
            entity.Property(notice => notice.Kind).HasMaxLength(KindLength);
            entity.Property(notice => notice.Key).HasMaxLength(KeyLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(notice => notice.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<Token>().WithMany().HasForeignKey(notice => notice.TokenId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(notice => new { notice.AccountId, notice.Key }).IsUnique();
            entity.HasIndex(notice => new { notice.AccountId, notice.At });
        }
    }
}
