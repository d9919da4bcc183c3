using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The calendar of expirations that a user subscribes to. Its address contains a secret code.</summary>
public sealed class CalendarFeed
{
    public required string UserId { get; init; }

    /// <summary>The SHA-256 hash of the code in the address. The code itself is never stored.</summary>
    public required byte[] CodeHash { get; set; }

    public DateTime CreatedAt { get; set; }
    public DateTime? LastReadAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<CalendarFeed>
    {
        public void Configure(EntityTypeBuilder<CalendarFeed> entity)
        {
            entity.ToTable("CalendarFeeds");
            entity.HasKey(feed => feed.UserId);
            entity.Property(feed => feed.CodeHash).HasMaxLength(32);
            entity.HasOne<PortalUser>().WithOne().HasForeignKey<CalendarFeed>(feed => feed.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(feed => feed.CodeHash).IsUnique();
        }
    }
}
