using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>What the person who opens a <see cref="OneTimeLink"/> can do. The database stores the number.</summary>
public enum OneTimeLinkPurpose
{
    /// <summary>Create a user.</summary>
    Invitation,

    /// <summary>Set a new password for an existing user.</summary>
    NewPassword,

    /// <summary>Sign in once as an existing user. Only an operator of the server can create it.</summary>
    SignIn,
}

/// <summary>A link that an administrator hands to a person. It is deleted when it is used, withdrawn or replaced.</summary>
public sealed class OneTimeLink
{
    public const int CodeHashLength = 32;
    public const int EmailLength = 256;

    public long Id { get; init; }
    public required string AccountId { get; init; }
    public required OneTimeLinkPurpose Purpose { get; init; }

    /// <summary>The SHA-256 hash of the code in the link. The code itself is never stored.</summary>
    public required byte[] CodeHash { get; init; }

    /// <summary>The email address of the person.</summary>
    public required string Email { get; init; }

    /// <summary>The address in the form that Identity compares.</summary>
    public required string NormalizedEmail { get; init; }

    /// <summary>The role of the new user; null: the link isn't an invitation.</summary>
    public string? Role { get; init; }

    /// <summary>The user who gets the new password or signs in; null: the link is an invitation.</summary>
    public string? UserId { get; init; }

    public DateTime CreatedAt { get; init; }
    public DateTime ExpiresAt { get; init; }
    public required string CreatedByName { get; init; }

    /// <summary>The ID of the actor. The link ends with their role.</summary>
    public required string CreatedById { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<OneTimeLink>
    {
        public void Configure(EntityTypeBuilder<OneTimeLink> entity)
        {
            entity.ToTable("OneTimeLinks");
            entity.Property(link => link.CodeHash).HasMaxLength(CodeHashLength);
            entity.Property(link => link.Email).HasMaxLength(EmailLength);
            entity.Property(link => link.NormalizedEmail).HasMaxLength(EmailLength);
            entity.Property(link => link.Role).HasMaxLength(16);
            entity.Property(link => link.CreatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(link => link.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(link => link.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(link => link.CreatedById);
            entity.HasIndex(link => link.CodeHash).IsUnique();
            entity.HasIndex(link => new { link.AccountId, link.Purpose, link.NormalizedEmail }).IsUnique();
        }
    }
}
