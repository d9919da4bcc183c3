using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The state of a <see cref="WebhookDelivery"/>. The database stores the number.</summary>
public enum DeliveryState
{
    Waiting,
    Delivered,

    /// <summary>Portal gave up after the last attempt.</summary>
    Failed,
}

/// <summary>An event that is sent to one endpoint until it accepts it.</summary>
public sealed class WebhookDelivery
{
    public const int MessageIdLength = 40;
    public const int TypeLength = 64;
    public const int TargetLength = 128;

    public long Id { get; init; }
    public long EndpointId { get; init; }

    /// <summary>The ID of the message, which stays the same for all attempts: <c>webhook-id</c>.</summary>
    public required string MessageId { get; init; }

    /// <summary>The type of the event, such as <c>token.disabled</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The handle of the token. Deliveries of a token are sent in order.</summary>
    public required string TargetId { get; init; }

    /// <summary>The body, in JSON. Never a secret.</summary>
    public required string Body { get; init; }

    public DateTime CreatedAt { get; init; }
    public DeliveryState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>When the next attempt is due; only for waiting deliveries.</summary>
    public DateTime NextAttemptAt { get; set; }

    /// <summary>Until when a process has the delivery for itself; null or past: none has it.</summary>
    public DateTime? ClaimedUntil { get; set; }

    public DateTime? EndedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookDelivery>
    {
        public void Configure(EntityTypeBuilder<WebhookDelivery> entity)
        {
            entity.ToTable("WebhookDeliveries");
            entity.Property(delivery => delivery.MessageId).HasMaxLength(MessageIdLength);
            entity.Property(delivery => delivery.Type).HasMaxLength(TypeLength);
            entity.Property(delivery => delivery.TargetId).HasMaxLength(TargetLength);
            entity.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(delivery => delivery.EndpointId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(delivery => new { delivery.EndpointId, delivery.Id, delivery.State });
            entity.HasIndex(delivery => new { delivery.EndpointId, delivery.State, delivery.Id });
            entity.HasIndex(delivery => new { delivery.EndpointId, delivery.TargetId, delivery.Id }).HasDatabaseName("IX_WebhookDeliveries_Order").HasFilter("\"State\" = 0");
            entity.HasIndex(delivery => delivery.NextAttemptAt).HasDatabaseName("IX_WebhookDeliveries_Due").HasFilter("\"State\" = 0");
            entity.HasIndex(delivery => delivery.EndedAt).HasDatabaseName("IX_WebhookDeliveries_Ended").HasFilter("\"EndedAt\" IS NOT NULL");
        }
    }
}
