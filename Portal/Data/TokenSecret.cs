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

    /// <summary>The last four hexadecimal digits of the secret, which tell people which key a program has; null if the secret was stored before
    /// Portal kept them and had no encrypted copy.</summary>
    public string? Fingerprint { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>The expiration with which the secret was created; null if there is none.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The time when the secret stops being accepted: its expiration, or earlier after a rotation; null if it doesn't.</summary>
    public DateTime? EndsAt { get; set; }

    /// <summary>The time when its end was recorded; null if it hasn't been. After that it is never accepted again, whatever the clock says.</summary>
    public DateTime? EndedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    /// <summary>The UTC day of <see cref="UsedCount"/>; null if there is none.</summary>
    public DateOnly? UsedOn { get; set; }

    /// <summary>The number of requests on the last day with a request. Earlier days aren't kept for each secret.</summary>
    public long UsedCount { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenSecret>
    {
        public void Configure(EntityTypeBuilder<TokenSecret> entity)
        {
            entity.ToTable("TokenSecrets");
            entity.Property(secret => secret.Hash).HasMaxLength(32);
            entity.HasOne<Token>().WithMany(token => token.Secrets).HasForeignKey(secret => secret.TokenId);
            entity.Property(secret => secret.Fingerprint).HasMaxLength(4);
            entity.HasIndex(secret => secret.TokenId);
            // Of secrets that were stored before there were fingerprints; soon empty.
            entity.HasIndex(secret => secret.Id).HasDatabaseName("IX_TokenSecrets_Unmarked").HasFilter("\"Fingerprint\" IS NULL AND \"Protected\" IS NOT NULL");
            entity.HasIndex(secret => secret.EndsAt).HasDatabaseName("IX_TokenSecrets_Due").HasFilter("\"EndedAt\" IS NULL AND \"EndsAt\" IS NOT NULL");
        }
    }
}
