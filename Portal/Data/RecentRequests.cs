using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The last requests of a token, in a single row.</summary>
public sealed class RecentRequests
{
    public long TokenId { get; init; }

    /// <summary>The UTC day of the latest request.</summary>
    public DateOnly LastOn { get; init; }

    /// <summary>The requests in the format of the statistics.</summary>
    public required byte[] Entries { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecentRequests>
    {
        public void Configure(EntityTypeBuilder<RecentRequests> entity)
        {
            entity.ToTable("RecentRequests");
            entity.HasKey(recent => recent.TokenId);
            entity.Property(recent => recent.TokenId).ValueGeneratedNever();
            entity.HasOne<Token>().WithMany().HasForeignKey(recent => recent.TokenId);
            // To find rows that are past their retention period.
            entity.HasIndex(recent => recent.LastOn);
        }
    }
}
