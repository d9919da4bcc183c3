using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The state of the installation across restarts, in one row.</summary>
public sealed class Installation
{
    /// <summary>The ID of the only row.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>The latest trusted time that Portal has seen; null if there is none yet. See <see cref="MonotonicClock"/>.</summary>
    public DateTime? LastKnownAt { get; set; }

    /// <summary>A value encrypted with the key ring. If it can be decrypted, the key ring belongs to this database.</summary>
    public byte[]? KeyRingProof { get; set; }

    /// <summary>The <see cref="Localization.NameCollation.Version"/> of all stored sort keys; null if some are missing.</summary>
    public string? NameCollation { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> entity)
        {
            entity.ToTable("Installation");
            entity.Property(installation => installation.Id).ValueGeneratedNever();
            entity.Property(installation => installation.NameCollation).HasMaxLength(16);
        }
    }
}
