using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The state of an <see cref="ApprovalRequest"/>. The database stores the number.</summary>
public enum ApprovalState
{
    Waiting,
    Approved,
    Declined,
    Withdrawn,

    /// <summary>Nobody decided in time.</summary>
    Expired,
}

/// <summary>A change of a token that an administrator must approve first.</summary>
public sealed class ApprovalRequest
{
    public const int KindLength = 32;
    public const int ContentLength = 8_000;
    public const int NoteLength = 255;

    public long Id { get; init; }
    public required string AccountId { get; init; }

    /// <summary>The requested change: the code of the change's audit entry, such as <c>token.created</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The handle of the token; null: the request is for a new one that doesn't exist yet.</summary>
    public string? TokenHandle { get; set; }

    /// <summary>The name of the token at the time of the request.</summary>
    public required string TokenName { get; init; }

    public required string ExtensionId { get; init; }

    /// <summary>The input of the change, as a JSON object. Never a secret.</summary>
    public required string Content { get; init; }

    /// <summary>The rules that require approval, as JSON.</summary>
    public required string Reasons { get; init; }

    /// <summary>The explanation by the person who asks; null: none.</summary>
    public string? Note { get; init; }

    public required string RequestedById { get; init; }
    public required string RequestedByName { get; init; }
    public DateTime CreatedAt { get; init; }

    /// <summary>When the request ends by itself.</summary>
    public DateTime EndsAt { get; init; }

    public ApprovalState State { get; set; }
    public string? DecidedById { get; set; }
    public string? DecidedByName { get; set; }
    public DateTime? DecidedAt { get; set; }

    /// <summary>The explanation of the decision; null: none.</summary>
    public string? Comment { get; set; }

    public Guid Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ApprovalRequest>
    {
        public void Configure(EntityTypeBuilder<ApprovalRequest> entity)
        {
            entity.ToTable("ApprovalRequests");
            entity.Property(request => request.Kind).HasMaxLength(KindLength);
            entity.Property(request => request.TokenHandle).HasMaxLength(14);
            entity.Property(request => request.TokenName).HasMaxLength(Token.NameLength);
            entity.Property(request => request.ExtensionId).HasMaxLength(32);
            entity.Property(request => request.Content).HasMaxLength(ContentLength);
            entity.Property(request => request.Note).HasMaxLength(NoteLength);
            entity.Property(request => request.RequestedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(request => request.DecidedByName).HasMaxLength(PortalUser.DisplayNameLength);
            entity.Property(request => request.Comment).HasMaxLength(NoteLength);
            entity.Property(request => request.Version).IsConcurrencyToken();
            entity.HasOne<Account>().WithMany().HasForeignKey(request => request.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(request => new { request.AccountId, request.State, request.Id });
            entity.HasIndex(request => new { request.AccountId, request.RequestedById, request.Id });
            entity.HasIndex(request => request.EndsAt).HasDatabaseName("IX_ApprovalRequests_Due").HasFilter("\"State\" = 0");
        }
    }
}
