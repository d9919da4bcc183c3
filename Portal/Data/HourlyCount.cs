using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The responses to a token's requests in an hour, by category of their status codes. Kept for two days.</summary>
public sealed class HourlyCount
{
    /// <summary>The UTC hour, as the number of hours since 1970: with very many tokens in use, each byte of a row counts. See <see cref="HourOf"/>.</summary>
    public int Hour { get; init; }

    public long TokenId { get; init; }

    /// <summary>Status codes below 300.</summary>
    public long Success { get; set; }

    /// <summary>Status codes from 300 to 399.</summary>
    public long Redirection { get; set; }

    /// <summary>Status codes from 400 to 499.</summary>
    public long ClientError { get; set; }

    /// <summary>Status codes from 500.</summary>
    public long ServerError { get; set; }

    internal const int PerDay = 24;

    public static int HourOf(DateTime utc) => (int)((utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerHour);

    /// <summary>The beginning of the hour, in UTC.</summary>
    public static DateTime TimeOf(int hour) => DateTime.UnixEpoch.AddHours(hour);

    internal sealed class Configuration : IEntityTypeConfiguration<HourlyCount>
    {
        public void Configure(EntityTypeBuilder<HourlyCount> entity)
        {
            entity.ToTable("HourlyCounts");
            // The hour comes first: the rows that are written now are next to each other, and so are those that are past their retention period.
            // There is no foreign key, because the daily count of the same request, in the same transaction, has one.
            entity.HasKey(count => new { count.Hour, count.TokenId });
        }
    }
}
