using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>How many requests of a token took a time, on a day. What a bucket stands for is settled by the statistics.</summary>
public sealed class LatencyCount
{
    public long TokenId { get; init; }

    /// <summary>The UTC day.</summary>
    public DateOnly Day { get; init; }

    public int Bucket { get; init; }
    public long Count { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<LatencyCount>
    {
        public void Configure(EntityTypeBuilder<LatencyCount> entity)
        {
            entity.ToTable("LatencyCounts");
            entity.HasKey(count => new { count.TokenId, count.Day, count.Bucket });
            entity.HasOne<Token>().WithMany().HasForeignKey(count => count.TokenId);
            // For what is too old to be kept.
            entity.HasIndex(count => count.Day);
        }
    }
}
