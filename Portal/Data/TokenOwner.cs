using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The user or team that is responsible for tokens.</summary>
/// <remarks>Tokens refer to this row instead of the user. If a user is removed, the row keeps the name, and all tokens can be handed over by changing
/// this one row, however many there are. Several rows can therefore refer to the same user or team.</remarks>
public sealed class TokenOwner
{
    public const int NameLength = 64;

    /// <summary>Random, so that it is known before the row is saved, together with a token.</summary>
    public required int Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The ID of the user; null: a team, or a user who was removed.</summary>
    public string? UserId { get; set; }

    /// <summary>The name of the team; for a user, the name when they were removed or, before that, when the row was created.</summary>
    public required string Name { get; set; }

    /// <summary>The name of the team in the form that is compared: case is ignored. Null: not a team.</summary>
    public string? TeamKey { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenOwner>
    {
        public void Configure(EntityTypeBuilder<TokenOwner> entity)
        {
            entity.ToTable("TokenOwners");
            entity.Property(owner => owner.Id).ValueGeneratedNever();
            entity.Property(owner => owner.Name).HasMaxLength(NameLength);
            entity.Property(owner => owner.TeamKey).HasMaxLength(NameLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(owner => owner.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(owner => owner.UserId).OnDelete(DeleteBehavior.SetNull);
            entity.HasIndex(owner => owner.UserId);
            entity.HasIndex(owner => new { owner.AccountId, owner.TeamKey });
        }
    }
}
