using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>Records that audit entries were removed at the end of their retention, so that the chain of the rest can still be checked.</summary>
public sealed class AuditTrim
{
    public long Id { get; init; }
    public DateTime At { get; init; }

    /// <summary>The ID of the newest removed entry.</summary>
    public long LastEntryId { get; init; }

    /// <summary>The hash of that entry; null: it was older than the chain.</summary>
    public byte[]? LastHash { get; init; }

    /// <summary>The number of removed entries.</summary>
    public int Entries { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditTrim>
    {
        public void Configure(EntityTypeBuilder<AuditTrim> entity)
        {
            entity.ToTable("AuditTrims");
            entity.Property(trim => trim.LastHash).HasMaxLength(SHA256.HashSizeInBytes);
        }
    }
}
