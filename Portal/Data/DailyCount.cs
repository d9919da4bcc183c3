using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The number of a token's requests on a day that ended in a status code, by module and reason.</summary>
public sealed class DailyCount
{
    /// <summary>The reason for a token that can't be used, such as an expired one. It is the error code of the API.</summary>
    public const string NotUsable = "AUTH_002";

    /// <summary>The reason for a key that belonged to the token but has been replaced. It isn't an error code.</summary>
    public const string RetiredKey = "RETIRED";

    public long TokenId { get; init; }

    /// <summary>The UTC day.</summary>
    public DateOnly Day { get; init; }

    /// <summary>A module's id; empty for a path that no module owns.</summary>
    public required string ModuleId { get; init; }

    public int StatusCode { get; init; }

    /// <summary>The error code with which Portal refused the request; empty if the request was passed on.</summary>
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
            // To find rows that are past their retention period.
            entity.HasIndex(count => count.Day);
            // To find the tokens that need attention. Requests that Portal didn't refuse aren't in this index, so counting them costs nothing more.
            entity.HasIndex(count => new { count.Day, count.Reason, count.TokenId }).HasDatabaseName("IX_DailyCounts_Refused").HasFilter("length(\"Reason\") > 0");
        }
    }
}
