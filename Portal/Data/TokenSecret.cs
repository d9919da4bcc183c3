using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>One secret of a token, live or retired. It is never removed, so that a retired secret can still be recognized by its hash.</summary>
public sealed class TokenSecret
{
    public long Id { get; init; }
    public long TokenId { get; init; }

    /// <summary>The SHA-256 hash of <c>handle:secret</c>, 32 bytes.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The secret, encrypted with Data Protection so that it can be viewed; null once it has ended, and
    /// always with <c>Tokens:Reveal=Once</c>.</summary>
    public byte[]? Protected { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>The expiration with which the secret was created; null if there is none.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The time when the secret stops being accepted: its expiration, or earlier after a rotation; null if it doesn't.</summary>
    public DateTime? EndsAt { get; set; }

    /// <summary>The time when its end was recorded; null if it hasn't been. After that it is never accepted again, whatever the clock says.</summary>
    public DateTime? EndedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenSecret>
    {
        public void Configure(EntityTypeBuilder<TokenSecret> entity)
        {
            entity.ToTable("TokenSecrets");
            entity.Property(secret => secret.Hash).HasMaxLength(32);
            entity.HasOne<Token>().WithMany(token => token.Secrets).HasForeignKey(secret => secret.TokenId);
            entity.HasIndex(secret => secret.TokenId);
            entity.HasIndex(secret => secret.EndsAt).HasDatabaseName("IX_TokenSecrets_Due").HasFilter("\"EndedAt\" IS NULL AND \"EndsAt\" IS NOT NULL");
        }
    }
}
