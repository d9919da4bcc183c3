using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Values with which people begin new tokens.</summary>
public sealed class TokenTemplate
{
    public const int NameLength = 60;
    public const int DescriptionLength = 255;
    public const int ContentLength = 8_000;

    public long Id { get; init; }
    public required string AccountId { get; init; }
    public required string Name { get; set; }

    /// <summary>The name in the form that is compared for uniqueness: case is ignored.</summary>
    public required string NameKey { get; set; }

    public string? Description { get; set; }
    public required string ExtensionId { get; set; }

    /// <summary>Modules, expiration, limit and addresses, as a JSON object.</summary>
    public required string Content { get; set; }

    public DateTime UpdatedAt { get; set; }
    public required string UpdatedById { get; set; }
    public required string UpdatedByName { get; set; }
    public Guid Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenTemplate>
    {
        public void Configure(EntityTypeBuilder<TokenTemplate> entity)
        {
            entity.ToTable("TokenTemplates");
            entity.Property(template => template.Name).HasMaxLength(NameLength);
            entity.Property(template => template.NameKey).HasMaxLength(NameLength);
            entity.Property(template => template.Description).HasMaxLength(DescriptionLength);
            entity.Property(template => template.ExtensionId).HasMaxLength(32);
            entity.Property(template => template.Content).HasMaxLength(ContentLength);
            entity.Property(template => template.UpdatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(template => template.Version).IsConcurrencyToken();
            entity.HasOne<Account>().WithMany().HasForeignKey(template => template.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(template => new { template.AccountId, template.NameKey }).IsUnique();
        }
    }
}
