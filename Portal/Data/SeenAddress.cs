using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Portal.Addresses;

namespace Portal.Data;

/// <summary>An address from which a token was used, and the last day of use. Only the latest addresses of each token are kept.</summary>
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
            // To find rows that are past their retention period.
            entity.HasIndex(seen => seen.LastSeenOn);
        }
    }
}
