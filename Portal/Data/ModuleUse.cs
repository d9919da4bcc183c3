using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The time when a token last used a module.</summary>
public sealed class ModuleUse
{
    public long TokenId { get; init; }
    public required string ModuleId { get; init; }
    public DateTime LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ModuleUse>
    {
        public void Configure(EntityTypeBuilder<ModuleUse> entity)
        {
            entity.ToTable("ModuleUses");
            entity.HasKey(use => new { use.TokenId, use.ModuleId });
            entity.Property(use => use.ModuleId).HasMaxLength(32);
            entity.HasOne<Token>().WithMany().HasForeignKey(use => use.TokenId);
        }
    }
}
