using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>A browser in which a user is signed in. The session ends when the row is deleted.</summary>
public sealed class UserSession
{
    public const int IdLength = 32;
    public const int AddressLength = 45;
    public const int BrowserLength = 200;
    public const int ProviderLength = 32;

    /// <summary>The maximum length of <see cref="ProviderSubject"/> and <see cref="ProviderSessionId"/>. OpenID Connect allows 255 for a subject.</summary>
    public const int ProviderIdLength = 255;

    /// <summary>Random, but not a secret: the session cookie contains it and is encrypted.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    /// <summary>The time of the sign-in, in UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>The time of the latest request, in UTC, at most a minute old.</summary>
    public DateTime LastSeenAt { get; set; }

    /// <summary>When the person last proved who they are, in UTC: at the sign-in, or when Portal asked again.</summary>
    public DateTime ProvedAt { get; set; }

    /// <summary>The address of the client at the sign-in; null: unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The <c>User-Agent</c> header of the sign-in, cut off if it is too long; null: none.</summary>
    public string? Browser { get; init; }

    /// <summary>The name of the identity provider that signed the user in; null: Portal itself.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider's ID of the user (<c>sub</c>).</summary>
    public string? ProviderSubject { get; init; }

    /// <summary>The provider's ID of its session (<c>sid</c>); null: it sent none.</summary>
    public string? ProviderSessionId { get; init; }

    /// <summary>The encrypted ID token, with which Portal asks the provider to sign the user out; null: none.</summary>
    public byte[]? ProtectedIdToken { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<UserSession>
    {
        public void Configure(EntityTypeBuilder<UserSession> entity)
        {
            entity.ToTable("UserSessions");
            entity.Property(session => session.Id).HasMaxLength(IdLength);
            entity.Property(session => session.Address).HasMaxLength(AddressLength);
            entity.Property(session => session.Browser).HasMaxLength(BrowserLength);
            entity.Property(session => session.Provider).HasMaxLength(ProviderLength);
            entity.Property(session => session.ProviderSubject).HasMaxLength(ProviderIdLength);
            entity.Property(session => session.ProviderSessionId).HasMaxLength(ProviderIdLength);
            entity.HasOne<PortalUser>().WithMany().HasForeignKey(session => session.UserId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(session => session.UserId);
            entity.HasIndex(session => session.LastSeenAt);
            entity.HasIndex(session => new { session.Provider, session.ProviderSubject }).HasFilter("\"Provider\" IS NOT NULL");
        }
    }
}
