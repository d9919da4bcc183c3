using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A program's change under a key of its own choice, so that asking again gives the same answer and changes nothing. Written
/// in the transaction of the change, and kept for a day.</summary>
public sealed class IdempotentResponse
{
    /// <summary>SHA-256 over who asked and the key that they chose.</summary>
    public required byte[] Id { get; init; }

    /// <summary>SHA-256 over what was asked.</summary>
    public required byte[] Request { get; init; }

    public DateTime At { get; init; }

    /// <summary>The token that was made or changed; null: several.</summary>
    public string? Handle { get; init; }

    /// <summary>What was answered, encrypted with what only the asker has. It may hold an API key, and nothing in the data directory
    /// opens it.</summary>
    public required byte[] Answer { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<IdempotentResponse>
    {
        public void Configure(EntityTypeBuilder<IdempotentResponse> entity)
        {
            entity.ToTable("RememberedCalls");
            entity.HasKey(call => call.Id);
            entity.Property(call => call.Id).HasMaxLength(32);
            entity.Property(call => call.Request).HasMaxLength(32);
            entity.Property(call => call.Handle).HasMaxLength(14);
            entity.HasIndex(call => call.At);
        }
    }
}
