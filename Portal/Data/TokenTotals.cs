using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Totals of each account. Triggers in the database maintain them for every change of a token.</summary>
/// <remarks>By triggers and not by the services: in the change's own transaction, so that it can't be forgotten or be wrong. The triggers are in
/// the migration Initial; a later migration that rebuilds the table of the tokens or of their permissions must create them again.</remarks>
public sealed class TokenTotals
{
    public required string AccountId { get; init; }

    /// <summary>Another one whenever something of the account's tokens changed by which they are found; use changes nothing.</summary>
    public long Version { get; init; }

    /// <summary>Tokens that are not deleted.</summary>
    public int Kept { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenTotals>
    {
        public void Configure(EntityTypeBuilder<TokenTotals> entity)
        {
            entity.ToTable("TokenTallies");
            entity.HasKey(tally => tally.AccountId);
        }
    }
}
