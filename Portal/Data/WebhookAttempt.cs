using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>One attempt to send a <see cref="WebhookDelivery"/>.</summary>
public sealed class WebhookAttempt
{
    public const int ErrorLength = 500;

    /// <summary>The maximum length of the kept beginning of a response.</summary>
    public const int ResponseLength = 2_000;

    public long Id { get; init; }
    public long DeliveryId { get; init; }
    public DateTime At { get; init; }

    /// <summary>In milliseconds.</summary>
    public int Duration { get; init; }

    /// <summary>The HTTP status of the response; null: there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The reason why there was no response, or why it wasn't accepted; null: it was.</summary>
    public string? Error { get; init; }

    /// <summary>The beginning of the response's body; null: there was none.</summary>
    public string? Response { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<WebhookAttempt>
    {
        public void Configure(EntityTypeBuilder<WebhookAttempt> entity)
        {
            entity.ToTable("WebhookAttempts");
            entity.Property(attempt => attempt.Error).HasMaxLength(ErrorLength);
            entity.Property(attempt => attempt.Response).HasMaxLength(ResponseLength);
            entity.HasOne<WebhookDelivery>().WithMany().HasForeignKey(attempt => attempt.DeliveryId).OnDelete(DeleteBehavior.Cascade);
            entity.HasIndex(attempt => attempt.DeliveryId);
        }
    }
}
