using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The last requests of a token: one row, however many there are.</summary>
public sealed class RecentRequests
{
    public long TokenId { get; init; }

    /// <summary>The UTC day of the latest one.</summary>
    public DateOnly LastOn { get; init; }

    /// <summary>In the form that the statistics write and read.</summary>
    public required byte[] Entries { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecentRequests>
    {
        public void Configure(EntityTypeBuilder<RecentRequests> entity)
        {
            entity.ToTable("RecentRequests");
            entity.HasKey(recent => recent.TokenId);
            entity.Property(recent => recent.TokenId).ValueGeneratedNever();
            entity.HasOne<Token>().WithMany().HasForeignKey(recent => recent.TokenId);
            // For what is too old to be kept.
            entity.HasIndex(recent => recent.LastOn);
        }
    }
}
