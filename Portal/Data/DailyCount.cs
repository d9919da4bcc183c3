using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>How many requests of a token ended in a status code, on a day, in a module, for a reason.</summary>
public sealed class DailyCount
{
    public long TokenId { get; init; }

    /// <summary>The UTC day.</summary>
    public DateOnly Day { get; init; }

    /// <summary>A module's id; empty for a path that no module owns.</summary>
    public required string ModuleId { get; init; }

    public int StatusCode { get; init; }

    /// <summary>Empty when the request was passed on, else why Portal refused it: an error code of the API.</summary>
    public required string Reason { get; init; }

    public long Count { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<DailyCount>
    {
        public void Configure(EntityTypeBuilder<DailyCount> entity)
        {
            entity.ToTable("DailyCounts");
            entity.HasKey(count => new { count.TokenId, count.Day, count.ModuleId, count.StatusCode, count.Reason });
            entity.Property(count => count.ModuleId).HasMaxLength(32);
            entity.Property(count => count.Reason).HasMaxLength(32);
            entity.HasOne<Token>().WithMany().HasForeignKey(count => count.TokenId);
            // For what is too old to be kept.
            entity.HasIndex(count => count.Day);
        }
    }
}
