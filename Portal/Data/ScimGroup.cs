using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A group that a SCIM client manages. The configuration says which role its members have.</summary>
public sealed class ScimGroup
{
    public const int NameLength = 255;

    /// <summary>A random ID.</summary>
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The client's ID of the group; null: it sent none.</summary>
    public string? ExternalId { get; set; }

    public required string DisplayName { get; set; }

    /// <summary>The name in the form that is compared for uniqueness: case is ignored.</summary>
    public required string NameKey { get; set; }

    public DateTime CreatedAt { get; init; }
    public DateTime UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ScimGroup>
    {
        public void Configure(EntityTypeBuilder<ScimGroup> entity)
        {
            entity.ToTable("ScimGroups");
            entity.Property(group => group.Id).HasMaxLength(36);
            entity.Property(group => group.ExternalId).HasMaxLength(ScimUser.ExternalIdLength);
            entity.Property(group => group.DisplayName).HasMaxLength(NameLength);
            entity.Property(group => group.NameKey).HasMaxLength(NameLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(group => group.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(group => new { group.AccountId, group.NameKey }).IsUnique();
        }
    }
}

/// <summary>The membership of a user in a <see cref="ScimGroup"/>.</summary>
public sealed class ScimGroupMember
{
    public required string GroupId { get; init; }
    public required string UserId { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<ScimGroupMember>
    {
        public void Configure(EntityTypeBuilder<ScimGroupMember> entity)
        {
            entity.ToTable("ScimGroupMembers");
            entity.HasKey(member => new { member.GroupId, member.UserId });
            entity.HasOne<ScimGroup>().WithMany().HasForeignKey(member => member.GroupId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(member => member.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(member => member.UserId);
        }
    }
}
