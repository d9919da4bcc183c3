using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The authenticator app of a user.</summary>
public sealed class UserSecondFactor
{
    public required string UserId { get; init; }

    /// <summary>The key of the one-time passwords, encrypted.</summary>
    public required byte[] ProtectedKey { get; set; }

    /// <summary>When the user first entered a code, in UTC; null: not yet, so Portal doesn't ask for codes.</summary>
    public DateTime? ConfirmedAt { get; set; }

    /// <summary>The time step of the latest accepted code. Earlier steps and the same one are refused.</summary>
    public long LastStep { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<UserSecondFactor>
    {
        public void Configure(EntityTypeBuilder<UserSecondFactor> entity)
        {
            entity.ToTable("UserSecondFactors");
            entity.HasKey(factor => factor.UserId);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(factor => factor.UserId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A code that works once in place of a code of the authenticator app.</summary>
public sealed class RecoveryCode
{
    public const int HashLength = 32;

    public long Id { get; init; }
    public required string UserId { get; init; }

    /// <summary>The SHA-256 hash of the user's ID and the code.</summary>
    public required byte[] Hash { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecoveryCode>
    {
        public void Configure(EntityTypeBuilder<RecoveryCode> entity)
        {
            entity.ToTable("RecoveryCodes");
            entity.Property(code => code.Hash).HasMaxLength(HashLength);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(code => code.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(code => code.UserId);
        }
    }
}
