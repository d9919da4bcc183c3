using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Records that people were notified of a secret's expiration, so that each notice is sent only once.</summary>
public sealed class ExpiryNotice
{
    public long SecretId { get; init; }

    /// <summary>The number of days before the expiration at which the notice was due.</summary>
    public int DaysBefore { get; init; }

    /// <summary><c>mail</c> or <c>webhook</c>.</summary>
    public required string Channel { get; init; }

    public DateTime SentAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<ExpiryNotice>
    {
        public void Configure(EntityTypeBuilder<ExpiryNotice> entity)
        {
            entity.ToTable("ExpiryNotices");
            entity.HasKey(notice => new { notice.SecretId, notice.DaysBefore, notice.Channel });
            entity.Property(notice => notice.Channel).HasMaxLength(16);
            entity.HasOne<TokenSecret>().WithMany().HasForeignKey(notice => notice.SecretId);
        }
    }
}
