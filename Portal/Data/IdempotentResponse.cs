using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The response to a program's change with an idempotency key: a repeated request gets the same response and changes nothing. It is written
/// in the transaction of the change and kept for a day.</summary>
public sealed class IdempotentResponse
{
    /// <summary>The SHA-256 hash of the caller and their idempotency key.</summary>
    public required byte[] Id { get; init; }

    /// <summary>The SHA-256 hash of the request.</summary>
    public required byte[] Request { get; init; }

    public DateTime At { get; init; }

    /// <summary>The token that was created or changed; null if there are several.</summary>
    public string? Handle { get; init; }

    /// <summary>The response, encrypted with a key that only the caller can derive. It may contain an API key, and nothing in the data directory can
    /// decrypt it.</summary>
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
