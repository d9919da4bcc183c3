using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Rules for the tokens of an account, or of one of its extensions. For a property that is null, an extension follows its account, and an
/// account has no rule.</summary>
public sealed class TokenPolicy
{
    public const int PresetLength = 16;
    public const int ModulesLength = 4_000;

    public long Id { get; init; }
    public required string AccountId { get; init; }

    /// <summary>The extension; empty: the account.</summary>
    public required string ExtensionId { get; init; }

    /// <summary>The longest lifetime of a new key, in days.</summary>
    public int? MaximumLifetimeDays { get; set; }

    /// <summary>Whether a token may have no expiration.</summary>
    public bool? PerpetualAllowed { get; set; }

    /// <summary>Whether a token without expiration needs a reason.</summary>
    public bool? PerpetualReasonRequired { get; set; }

    /// <summary>The expiration that the wizard proposes, as it writes it in drafts.</summary>
    public string? DefaultPreset { get; set; }

    /// <summary>The maximum number of tokens of an extension.</summary>
    public int? MostTokensPerExtension { get; set; }

    /// <summary>The maximum number of tokens of an owner.</summary>
    public int? MostTokensPerOwner { get; set; }

    /// <summary>The maximum age of a key, in days.</summary>
    public int? RotateEveryDays { get; set; }

    /// <summary>After how many days without a request a token is disabled.</summary>
    public int? DisableIdleAfterDays { get; set; }

    /// <summary>Whether a token needs a range of addresses.</summary>
    public bool? AddressesRequired { get; set; }

    /// <summary>The IDs of modules for which an Operator needs approval, separated by commas; <c>*</c>: all modules together.</summary>
    public string? ApprovalModules { get; set; }

    /// <summary>The lifetime, in days, above which an Operator needs approval.</summary>
    public int? ApprovalLifetimeDays { get; set; }

    public DateTime UpdatedAt { get; set; }
    public required string UpdatedById { get; set; }
    public required string UpdatedByName { get; set; }
    public Guid Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenPolicy>
    {
        public void Configure(EntityTypeBuilder<TokenPolicy> entity)
        {
            entity.ToTable("TokenPolicies");
            entity.Property(policy => policy.ExtensionId).HasMaxLength(32);
            entity.Property(policy => policy.DefaultPreset).HasMaxLength(PresetLength);
            entity.Property(policy => policy.ApprovalModules).HasMaxLength(ModulesLength);
            entity.Property(policy => policy.UpdatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(policy => policy.Version).IsConcurrencyToken();
            entity.HasOne<Account>().WithMany().HasForeignKey(policy => policy.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(policy => new { policy.AccountId, policy.ExtensionId }).IsUnique();
        }
    }
}
