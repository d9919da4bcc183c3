using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The number of a token's requests on a day whose duration falls into a bucket. The statistics define the buckets.</summary>
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
            // To find rows that are past their retention period.
            entity.HasIndex(count => count.Day);
        }
    }
}
