using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portal.Data;

/// <summary>The stored status of a token. The displayed status also depends on its secrets and the clock.</summary>
public enum StoredStatus
{
    Pending,
    Active,
    Inactive,
    Deleted,
}

/// <summary>The kind of creator of a token.</summary>
public enum CreatorKind
{
    User,
    Token,
    System,
}

/// <summary>An API token: who may call what, until when. Its keys are in <see cref="Secrets"/>.</summary>
public sealed class Token
{
    public const int NameLength = 128;
    public const int ExternalIdLength = 128;
    public const int DescriptionLength = 255;

    public long Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>Public identifier, <c>SU-160-984-311</c>; never reused, also after deletion.</summary>
    public required string Handle { get; init; }

    /// <summary>Made by the client of "create" before it asks, so that asking twice creates once.</summary>
    public Guid CreationId { get; init; }

    public required string Name { get; set; }

    /// <summary>The name as compared for "already in use": case is ignored.</summary>
    public required string NameKey { get; set; }

    /// <summary>Name, handle, external ID and description in upper case: what a search looks through, the same in every
    /// script and on every database.</summary>
    public required string SearchText { get; set; }

    public string? ExternalId { get; set; }
    public string? Description { get; set; }

    public required string ExtensionId { get; init; }

    /// <summary>The extension's name when the token was made; shown when the catalogue no longer has it.</summary>
    public required string ExtensionName { get; init; }

    public StoredStatus Status { get; set; }

    /// <summary>Every module, also those that the catalogue gains later.</summary>
    public bool AllModules { get; set; }

    /// <summary>A limit of its own, <c>100 per minute</c>; empty: none; null: the default of the configuration.</summary>
    public string? RateLimit { get; set; }

    /// <summary>Whether keys that it makes may end later than it does itself.</summary>
    public bool MayOutlive { get; set; }

    /// <summary>When the newest secret ends; null: never. Kept in step with <see cref="Secrets"/> so that a page of
    /// tokens needs no look at them.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>When the secret before the newest one ends or ended; null: there is none.</summary>
    public DateTime? PreviousEndsAt { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>The kind of <see cref="CreatedById"/>: the ID of a user, or the handle of a token.</summary>
    public CreatorKind CreatedByKind { get; init; }
    public required string CreatedById { get; init; }
    public required string CreatedByName { get; init; }
    public DateTime UpdatedAt { get; set; }
    public required string UpdatedById { get; set; }
    public required string UpdatedByName { get; set; }
    public DateTime? DeletedAt { get; set; }

    public DateTime? LastUsedAt { get; set; }
    public string? LastUsedAddress { get; set; }
    public string? LastUsedModuleId { get; set; }

    /// <summary>The user agent of the last request.</summary>
    public string? LastUsedClient { get; set; }

    /// <summary>Changes with every change that a person or program makes; use leaves it alone.</summary>
    public Guid Version { get; set; }

    public List<TokenSecret> Secrets { get; init; } = [];
    public List<TokenPermission> Permissions { get; init; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<Token>
    {
        public void Configure(EntityTypeBuilder<Token> entity)
        {
            entity.ToTable("Tokens");
            entity.Property(token => token.Handle).HasMaxLength(14);
            entity.Property(token => token.Name).HasMaxLength(NameLength);
            entity.Property(token => token.NameKey).HasMaxLength(NameLength);
            entity.Property(token => token.SearchText).HasMaxLength(NameLength + ExternalIdLength + DescriptionLength + 17);
            entity.Property(token => token.ExternalId).HasMaxLength(ExternalIdLength);
            entity.Property(token => token.Description).HasMaxLength(DescriptionLength);
            entity.Property(token => token.ExtensionId).HasMaxLength(32);
            entity.Property(token => token.ExtensionName).HasMaxLength(50);
            entity.Property(token => token.RateLimit).HasMaxLength(24);
            entity.Property(token => token.LastUsedAddress).HasMaxLength(45);
            entity.Property(token => token.LastUsedModuleId).HasMaxLength(32);
            entity.Property(token => token.LastUsedClient).HasMaxLength(201);
            entity.Property(token => token.Version).IsConcurrencyToken();

            entity.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(token => token.Handle).IsUnique();
            entity.HasIndex(token => new { token.AccountId, token.CreationId }).IsUnique();
            entity.HasIndex(token => new { token.AccountId, token.NameKey }).IsUnique().HasFilter("\"DeletedAt\" IS NULL");
            entity.HasIndex(token => new { token.AccountId, token.CreatedAt });
            entity.HasIndex(token => new { token.AccountId, token.ExpiresAt });
            entity.HasIndex(token => new { token.AccountId, token.LastUsedAt });
            AddListIndexes(entity);
        }

        /// <summary>For lists. Each begins with the account and with whether the token is deleted, which lists leave out; and ends with the
        /// row's own id, as every index does: equal ones are in the order of age.</summary>
        private static void AddListIndexes(EntityTypeBuilder<Token> entity)
        {
            // The order without another; what is often asked stands beside it, so that rows that are passed over cost no look at the table.
            entity.HasIndex(token => new
            {
                token.AccountId, token.DeletedAt, token.CreatedAt, token.Id, token.Status, token.ExtensionId, token.ExpiresAt, token.PreviousEndsAt, token.ExtensionName,
            }).HasDatabaseName("IX_Tokens_Age");
            // Counting by status: expired and expiring ones are a range.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Status, token.ExpiresAt, token.PreviousEndsAt }).HasDatabaseName("IX_Tokens_Status");
            // The few whose key was replaced: which of them are revitalised, and whether one has ended.
            entity.HasIndex(token => new { token.AccountId, token.PreviousEndsAt, token.DeletedAt, token.Status })
                .HasDatabaseName("IX_Tokens_Previous").HasFilter("\"PreviousEndsAt\" IS NOT NULL");
            // To find by, and to order by.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Name }).HasDatabaseName("IX_Tokens_Name");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Handle }).HasDatabaseName("IX_Tokens_AccountHandle");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.ExternalId }).HasDatabaseName("IX_Tokens_ExternalId");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.ExtensionId }).HasDatabaseName("IX_Tokens_Extension");
            // What a token created; most are created by people and are not in it.
            entity.HasIndex(token => new { token.AccountId, token.CreatedById, token.DeletedAt })
                .HasDatabaseName("IX_Tokens_CreatedByToken").HasFilter("\"CreatedByKind\" = 1");
            // The deleted ones alone, in the order of age.
            entity.HasIndex(token => new { token.AccountId, token.CreatedAt, token.Id, token.DeletedAt, token.Status })
                .HasDatabaseName("IX_Tokens_Deleted").HasFilter("\"DeletedAt\" IS NOT NULL");
        }
    }
}
