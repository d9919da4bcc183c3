using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A browser in which a user is signed in. The session ends when the row is deleted.</summary>
public sealed class UserSession
{
    public const int IdLength = 32;
    public const int AddressLength = 45;
    public const int BrowserLength = 200;

    /// <summary>Random, but not a secret: the session cookie contains it and is encrypted.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    /// <summary>The time of the sign-in, in UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>The time of the latest request, in UTC, at most a minute old.</summary>
    public DateTime LastSeenAt { get; set; }

    /// <summary>When the person last proved who they are, in UTC: at the sign-in, or when Portal asked again.</summary>
    public DateTime ProvedAt { get; set; }

    /// <summary>The address of the client at the sign-in; null: unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The <c>User-Agent</c> header of the sign-in, cut off if it is too long; null: none.</summary>
    public string? Browser { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<UserSession>
    {
        public void Configure(EntityTypeBuilder<UserSession> entity)
        {
            entity.ToTable("UserSessions");
            entity.Property(session => session.Id).HasMaxLength(IdLength);
            entity.Property(session => session.Address).HasMaxLength(AddressLength);
            entity.Property(session => session.Browser).HasMaxLength(BrowserLength);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(session => session.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(session => session.UserId);
            entity.HasIndex(session => session.LastSeenAt);
        }
    }
}
