using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>How far the audit log has been sent to a receiver, and which process sends it.</summary>
public sealed class AuditStreamCursor
{
    /// <summary>The receiver.</summary>
    public required string Name { get; init; }

    /// <summary>The ID of the last entry that the receiver has confirmed; 0: none.</summary>
    public long LastEntryId { get; set; }

    /// <summary>The hash of that entry; null: there is none, or it is older than the chain.</summary>
    public byte[]? LastHash { get; set; }

    /// <summary>The process that sends; null: none does.</summary>
    public Guid? Holder { get; set; }

    /// <summary>Until when no other process may send; null: any may.</summary>
    public DateTime? HeldUntil { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditStreamCursor>
    {
        public void Configure(EntityTypeBuilder<AuditStreamCursor> entity)
        {
            entity.ToTable("AuditStreamCursors");
            entity.HasKey(cursor => cursor.Name);
            entity.Property(cursor => cursor.Name).HasMaxLength(32);
            entity.Property(cursor => cursor.LastHash).HasMaxLength(SHA256.HashSizeInBytes);
        }
    }
}
