using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A module that a token may use, or <see cref="AllModules"/>, with the actor and the time of the grant.</summary>
public sealed class TokenPermission
{
    /// <summary>The module ID of the grant for every module, including later ones.</summary>
    public const string AllModules = "*";

    public long TokenId { get; init; }

    /// <summary>A module's ID in the catalog, or <see cref="AllModules"/>.</summary>
    public required string ModuleId { get; init; }

    /// <summary>The module's name when it was granted. It is shown if the catalog no longer has the module.</summary>
    public required string ModuleName { get; init; }

    public DateTime GrantedAt { get; init; }
    public required string GrantedById { get; init; }
    public required string GrantedByName { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenPermission>
    {
        public void Configure(EntityTypeBuilder<TokenPermission> entity)
        {
            entity.ToTable("TokenPermissions");
            entity.HasKey(permission => new { permission.TokenId, permission.ModuleId });
            entity.Property(permission => permission.ModuleId).HasMaxLength(32);
            entity.Property(permission => permission.ModuleName).HasMaxLength(32);
            entity.HasOne<Token>().WithMany(token => token.Permissions).HasForeignKey(permission => permission.TokenId);
            // Includes the token, so that tokens with a module are found and counted without reading the table.
            entity.HasIndex(permission => new { permission.ModuleId, permission.TokenId });
        }
    }
}
