using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The state of the installation across restarts, in one row.</summary>
public sealed class Installation
{
    /// <summary>The key of the one row.</summary>
    public const int OnlyId = 1;

    public int Id { get; init; } = OnlyId;

    /// <summary>The latest time that Portal has seen and trusted; null: none yet. See <see cref="MonotonicClock"/>.</summary>
    public DateTime? LastKnownAt { get; set; }

    /// <summary>Encrypted with the key ring of this database. If it can be decrypted, the key ring belongs to the database.</summary>
    public byte[]? KeyRingProof { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Installation>
    {
        public void Configure(EntityTypeBuilder<Installation> entity)
        {
            entity.ToTable("Installation");
            entity.Property(installation => installation.Id).ValueGeneratedNever();
        }
    }
}
