using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Totals of each account. Triggers in the database maintain them for every change of a token.</summary>
/// <remarks>Triggers run in the transaction of the change, so that services can't forget them or get them wrong. They are defined in the migrations
/// Initial, SearchAndAttention and ListOrders. A later migration that rebuilds the table of tokens or of their permissions must create them again.</remarks>
public sealed class TokenTotals
{
    public required string AccountId { get; init; }

    /// <summary>A number that changes whenever a property of the account's tokens changes that they can be found by. Use doesn't change it.</summary>
    public long Version { get; init; }

    /// <summary>The number of tokens that aren't deleted.</summary>
    public int Kept { get; init; }

    /// <summary>The number of rows of tokens that were removed. A trigger adds one for each.</summary>
    public long Removed { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenTotals>
    {
        public void Configure(EntityTypeBuilder<TokenTotals> entity)
        {
            entity.ToTable("TokenTallies");
            entity.HasKey(tally => tally.AccountId);
        }
    }
}
