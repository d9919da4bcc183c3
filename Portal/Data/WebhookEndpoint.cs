using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>An address to which Portal sends events.</summary>
/// <remarks>The audit log is the queue of events: each change writes its entry in its own transaction, and <see cref="LastEntryId"/> says how far the
/// entries were turned into deliveries.</remarks>
public sealed class WebhookEndpoint
{
    public const int UrlLength = 2_000;
    public const int DescriptionLength = 128;
    public const int EventsLength = 1_000;
    public const int ReasonLength = 300;

    public long Id { get; init; }
    public required string AccountId { get; init; }
    public required string Url { get; set; }
    public string? Description { get; set; }

    /// <summary>The types of events, separated by commas; empty: all.</summary>
    public string Events { get; set; } = "";

    /// <summary>The IDs of the extensions whose tokens matter, separated by commas; empty: all.</summary>
    public string Extensions { get; set; } = "";

    /// <summary>The secret that signs, encrypted with Data Protection.</summary>
    public required byte[] Secret { get; set; }

    /// <summary>The former secret, which also signs until <see cref="PreviousEndsAt"/>; null: none.</summary>
    public byte[]? PreviousSecret { get; set; }

    public DateTime? PreviousEndsAt { get; set; }

    /// <summary>When it was switched off; null: it is on.</summary>
    public DateTime? DisabledAt { get; set; }

    /// <summary>The reason why Portal switched it off; null: it is on, or a person did.</summary>
    public string? DisabledReason { get; set; }

    /// <summary>Since when every attempt failed; null: the last one succeeded, or there was none.</summary>
    public DateTime? FailingSince { get; set; }

    /// <summary>The ID of the last audit entry that was turned into deliveries.</summary>
    public long LastEntryId { get; set; }

    public DateTime CreatedAt { get; init; }
    public required string CreatedById { get; init; }
    public required string CreatedByName { get; init; }
    public DateTime UpdatedAt { get; set; }
    public required string UpdatedByName { get; set; }

    /// <summary>A value that changes with every change by a person.</summary>
    public Guid Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookEndpoint>
    {
        public void Configure(EntityTypeBuilder<WebhookEndpoint> entity)
        {
            entity.ToTable("WebhookEndpoints");
            entity.Property(endpoint => endpoint.Url).HasMaxLength(UrlLength);
            entity.Property(endpoint => endpoint.Description).HasMaxLength(DescriptionLength);
            entity.Property(endpoint => endpoint.Events).HasMaxLength(EventsLength);
            entity.Property(endpoint => endpoint.Extensions).HasMaxLength(EventsLength);
            entity.Property(endpoint => endpoint.DisabledReason).HasMaxLength(ReasonLength);
            entity.Property(endpoint => endpoint.CreatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(endpoint => endpoint.UpdatedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(endpoint => endpoint.Version).IsConcurrencyToken();
            entity.HasOne<Account>().WithMany().HasForeignKey(endpoint => endpoint.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(endpoint => endpoint.AccountId);
        }
    }
}
