using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>An event and its actor. It is written in the transaction of the change that it records, and never changes.</summary>
public sealed class AuditEntry
{
    public long Id { get; init; }
    public required string AccountId { get; init; }
    public DateTime At { get; init; }
    public required string ActorId { get; init; }
    public required string ActorName { get; init; }

    /// <summary><c>user</c>, <c>token</c> or <c>system</c>.</summary>
    public required string ActorKind { get; init; }

    /// <summary>The code of the event, such as <c>token.created</c>; see <c>Audit.AuditAction</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The target of the event: the handle of a token or the ID of a user.</summary>
    public required string TargetId { get; init; }
    public required string TargetName { get; init; }

    /// <summary>The IP address from which the actor called; null: unknown, or the actor is Portal itself.</summary>
    public string? Address { get; init; }

    /// <summary>The changes, as a JSON object of values before and after; null if there are none. Never a secret.</summary>
    public string? Details { get; init; }

    /// <summary>The SHA-256 hash of this entry and of the hash of the entry before it, so that a change of any earlier entry shows. A trigger sets it.
    /// Null: the entry is older than the chain.</summary>
    public byte[]? Hash { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> entity)
        {
            entity.ToTable("AuditEntries");
            entity.Property(entry => entry.ActorKind).HasMaxLength(8);
            entity.Property(entry => entry.Action).HasMaxLength(64);
            entity.Property(entry => entry.Address).HasMaxLength(45);
            entity.Property(entry => entry.Hash).HasMaxLength(SHA256.HashSizeInBytes);
            entity.HasOne<Account>().WithMany().HasForeignKey(entry => entry.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(entry => new { entry.AccountId, entry.At });
            entity.HasIndex(entry => new { entry.AccountId, entry.TargetId, entry.At });
            entity.HasIndex(entry => new { entry.AccountId, entry.ActorId, entry.At });
            entity.HasIndex(entry => new { entry.AccountId, entry.Action, entry.At });
            entity.HasIndex(entry => new { entry.AccountId, entry.Address, entry.At });
        }
    }
}
