using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The attributes of a user that a SCIM client manages, besides those of <see cref="PortalUser"/>.</summary>
public sealed class ScimUser
{
    public const int ExternalIdLength = 255;
    public const int NameLength = 128;

    public required string UserId { get; init; }

    /// <summary>The client's ID of the user; null: it sent none.</summary>
    public string? ExternalId { get; set; }

    public string? GivenName { get; set; }
    public string? FamilyName { get; set; }
    public DateTime CreatedAt { get; init; }
    public DateTime UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ScimUser>
    {
        public void Configure(EntityTypeBuilder<ScimUser> entity)
        {
            entity.ToTable("ScimUsers");
            entity.HasKey(user => user.UserId);
            entity.Property(user => user.ExternalId).HasMaxLength(ExternalIdLength);
            entity.Property(user => user.GivenName).HasMaxLength(NameLength);
            entity.Property(user => user.FamilyName).HasMaxLength(NameLength);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(user => user.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(user => user.ExternalId);
        }
    }
}
