using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Portal.Addresses;

namespace Portal.Data;

/// <summary>An address that a token was used from, and the last day of use. Only the latest ones of each token are kept.</summary>
public sealed class SeenAddress
{
    public long TokenId { get; init; }

    /// <summary>See <see cref="AddressNumber"/>.</summary>
    public UInt128 Address { get; init; }

    /// <summary>The UTC day.</summary>
    public DateOnly LastSeenOn { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<SeenAddress>
    {
        public void Configure(EntityTypeBuilder<SeenAddress> entity)
        {
            entity.ToTable("SeenAddresses");
            entity.HasKey(seen => new { seen.TokenId, seen.Address });
            entity.HasOne<Token>().WithMany().HasForeignKey(seen => seen.TokenId);
            // For what is too old to be kept.
            entity.HasIndex(seen => seen.LastSeenOn);
        }
    }
}
