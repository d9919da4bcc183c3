using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A named view of the token list: its filters, order and columns.</summary>
public sealed class SavedView
{
    public const int NameLength = 60;
    public const int AddressLength = 1_000;

    public long Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The ID of the user who alone sees it; null: every user of the account sees it.</summary>
    public string? UserId { get; init; }

    public required string Name { get; set; }

    /// <summary>The name in the form that is compared for uniqueness: case is ignored.</summary>
    public required string NameKey { get; set; }

    /// <summary>The query of the list's address, without the page: <c>status=expiring&amp;sort=name</c>.</summary>
    public required string Address { get; set; }

    public DateTime UpdatedAt { get; set; }
    public required string UpdatedByName { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SavedView>
    {
        public void Configure(EntityTypeBuilder<SavedView> entity)
        {
            entity.ToTable("SavedViews");
            entity.Property(view => view.Name).HasMaxLength(NameLength);
            entity.Property(view => view.NameKey).HasMaxLength(NameLength);
            entity.Property(view => view.Address).HasMaxLength(AddressLength);
            entity.Property(view => view.UpdatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(view => view.AccountId).OnDelete(DeleteBehavior.Cascade);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(view => view.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(view => new { view.AccountId, view.UserId, view.NameKey });
        }
    }
}
