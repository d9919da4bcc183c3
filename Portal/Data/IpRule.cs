using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Portal.Addresses;

namespace Portal.Data;

/// <summary>A range of addresses that may use one token, or all tokens of an account. It never changes: people add and remove rules, so that no one
/// overwrites another person's change.</summary>
public sealed class IpRule
{
    public const int LabelLength = 64;

    /// <summary>The maximum length of the entered text: two of the longest addresses and a separator.</summary>
    public const int WrittenLength = 100;

    public long Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The token that the rule applies to; null for all tokens of the account.</summary>
    public long? TokenId { get; init; }

    public string? Label { get; init; }

    /// <summary>The range as the person entered it: an address, from–to, or CIDR.</summary>
    public required string Written { get; init; }

    /// <summary>The first address of the range; see <see cref="AddressNumber"/>.</summary>
    public UInt128 First { get; init; }

    /// <summary>The last address of the range, in the same address family.</summary>
    public UInt128 Last { get; init; }

    public DateTime CreatedAt { get; init; }
    public required string CreatedById { get; init; }
    public required string CreatedByName { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<IpRule>
    {
        public void Configure(EntityTypeBuilder<IpRule> entity)
        {
            entity.ToTable("IpRules");
            entity.Property(rule => rule.Label).HasMaxLength(LabelLength);
            entity.Property(rule => rule.Written).HasMaxLength(WrittenLength);
            entity.HasOne<Account>().WithMany().HasForeignKey(rule => rule.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasOne<Token>().WithMany().HasForeignKey(rule => rule.TokenId).OnDelete(DeleteBehavior.Cascade);
            // Two indexes, because databases don't treat NULL as equal to NULL.
            entity.HasIndex(rule => new { rule.AccountId, rule.First, rule.Last }).IsUnique().HasFilter("\"TokenId\" IS NULL");
            entity.HasIndex(rule => new { rule.TokenId, rule.First, rule.Last }).IsUnique().HasFilter("\"TokenId\" IS NOT NULL");
        }
    }
}
