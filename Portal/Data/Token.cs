using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Localization;

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

/// <summary>An API token: which modules a program may call and until when. Its keys are in <see cref="Secrets"/>.</summary>
public sealed class Token
{
    public const int NameLength = 128;
    public const int ExternalIdLength = 128;
    public const int DescriptionLength = 255;
    public const int ContactLength = 256;
    public const int ReasonLength = 255;
    public const int NoticeDaysLength = 64;

    public long Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>Public identifier, such as <c>SU-160-984-311</c>. It is never reused, even after the token is deleted.</summary>
    public required string Handle { get; init; }

    /// <summary>An ID that the client generates before it creates the token, so that a repeated request creates it only once.</summary>
    public Guid CreationId { get; init; }

    /// <summary>The name. Setting it also sets <see cref="NameSortKey"/>.</summary>
    public required string Name
    {
        get;
        set => (field, NameSortKey) = (value, NameCollation.SortKey(value));
    }

    /// <summary>The place of the name in lists; see <see cref="NameCollation"/>. Null until <c>NameSortKeyFill</c> has computed it.</summary>
    public byte[]? NameSortKey { get; private set; }

    /// <summary>The name in the form that is compared for uniqueness: case is ignored.</summary>
    public required string NameKey { get; set; }

    /// <summary>Name, handle, external ID and description in upper case, for searches that work the same in every script and on every
    /// database.</summary>
    public required string SearchText { get; set; }

    public string? ExternalId { get; set; }
    public string? Description { get; set; }

    /// <summary>The ID of the <see cref="TokenOwner"/>; null: the token has no owner. Not a foreign key of the database, because SQLite would have to
    /// copy the table to add one. Owners are never removed.</summary>
    public int? OwnerId { get; set; }

    /// <summary>The email address for questions about the token; null: none.</summary>
    public string? Contact { get; set; }

    public required string ExtensionId { get; init; }

    /// <summary>The extension's name when the token was created. It is shown if the catalog no longer has the extension.</summary>
    public required string ExtensionName { get; init; }

    public StoredStatus Status { get; set; }

    /// <summary>Whether the token may use every module, including those that are added to the catalog later.</summary>
    public bool AllModules { get; set; }

    /// <summary>The token's own limit, such as <c>100 per minute</c>; empty for no limit; null for the configured default.</summary>
    public string? RateLimit { get; set; }

    /// <summary>Whether keys that this token creates may end later than it does.</summary>
    public bool MayOutlive { get; set; }

    /// <summary>The time when the newest secret ends; null if it doesn't. It is kept in sync with <see cref="Secrets"/>, so that lists of tokens
    /// needn't read them.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>The time when the secret before the newest one ends or ended; null if there is none.</summary>
    public DateTime? PreviousEndsAt { get; set; }

    /// <summary>The time from which a pending token may be used; null if it is not pending, or if a person must enable it.</summary>
    public DateTime? StartsAt { get; set; }

    /// <summary>Why the token has no expiration; null: it has one, or no reason was asked for.</summary>
    public string? PerpetualReason { get; set; }

    /// <summary>The numbers of days before the expiration at which people are told, separated by commas, instead of the configured ones; empty: never;
    /// null: as configured.</summary>
    public string? NoticeDays { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>The kind of creator that <see cref="CreatedById"/> identifies: the ID of a user, or the handle of a token.</summary>
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

    /// <summary>The <see cref="TokenTotals.Version"/> of the account after the last change of this token, by which those that changed since are
    /// found. A trigger sets it.</summary>
    public long ListVersion { get; init; }

    /// <summary>A value that changes with every change by a person or program, but not with use.</summary>
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
            entity.Property(token => token.NameSortKey).HasMaxLength(NameCollation.LongestSortKey);
            entity.Property(token => token.NameKey).HasMaxLength(NameLength);
            entity.Property(token => token.SearchText).HasMaxLength(NameLength + ExternalIdLength + DescriptionLength + 17);
            entity.Property(token => token.ExternalId).HasMaxLength(ExternalIdLength);
            entity.Property(token => token.Description).HasMaxLength(DescriptionLength);
            entity.Property(token => token.Contact).HasMaxLength(ContactLength);
            entity.Property(token => token.ExtensionId).HasMaxLength(32);
            entity.Property(token => token.ExtensionName).HasMaxLength(50);
            entity.Property(token => token.RateLimit).HasMaxLength(24);
            entity.Property(token => token.LastUsedAddress).HasMaxLength(45);
            entity.Property(token => token.LastUsedModuleId).HasMaxLength(32);
            entity.Property(token => token.LastUsedClient).HasMaxLength(201);
            entity.Property(token => token.PerpetualReason).HasMaxLength(ReasonLength);
            entity.Property(token => token.NoticeDays).HasMaxLength(NoticeDaysLength);
            entity.Property(token => token.Version).IsConcurrencyToken();

            entity.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(token => token.Handle).IsUnique();
            entity.HasIndex(token => new { token.AccountId, token.CreationId }).IsUnique();
            entity.HasIndex(token => new { token.AccountId, token.NameKey }).IsUnique().HasFilter("\"DeletedAt\" IS NULL");
            entity.HasIndex(token => new { token.AccountId, token.CreatedAt });
            entity.HasIndex(token => new { token.AccountId, token.ExpiresAt });
            // For tokens that begin by themselves.
            entity.HasIndex(token => token.StartsAt).HasDatabaseName("IX_Tokens_Starting").HasFilter("\"StartsAt\" IS NOT NULL");
            AddListIndexes(entity);
        }

        /// <summary>Adds the indexes for lists. Each starts with the account and whether the token is deleted, because lists leave out deleted
        /// tokens. Each ends with the row's ID, as every index does, so that equal rows are in order of age.</summary>
        private static void AddListIndexes(EntityTypeBuilder<Token> entity)
        {
            // The default order. The columns of common filters are included, so that skipped rows don't have to be read from the table.
            entity.HasIndex(token => new
            {
                token.AccountId, token.DeletedAt, token.CreatedAt, token.Id, token.Status, token.ExtensionId, token.ExpiresAt, token.PreviousEndsAt, token.ExtensionName,
            }).HasDatabaseName("IX_Tokens_Age");
            // For counts by status: expired and expiring tokens are a range.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Status, token.ExpiresAt, token.PreviousEndsAt }).HasDatabaseName("IX_Tokens_Status");
            // For the few tokens whose key was replaced: whether they are revitalized, and whether the former key has ended.
            entity.HasIndex(token => new { token.AccountId, token.PreviousEndsAt, token.DeletedAt, token.Status })
                .HasDatabaseName("IX_Tokens_Previous").HasFilter("\"PreviousEndsAt\" IS NOT NULL");
            // For filters and sorting.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.NameSortKey }).HasDatabaseName("IX_Tokens_NameOrder");
            // For the API, whose order is that of the characters, and which finds the beginnings of names.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Name }).HasDatabaseName("IX_Tokens_Name");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Handle }).HasDatabaseName("IX_Tokens_AccountHandle");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.ExternalId }).HasDatabaseName("IX_Tokens_ExternalId");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.ExtensionId }).HasDatabaseName("IX_Tokens_Extension");
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.OwnerId }).HasDatabaseName("IX_Tokens_Owner");
            // For tokens that were created by a token. Most are created by people and aren't in this index.
            entity.HasIndex(token => new { token.AccountId, token.CreatedById, token.DeletedAt })
                .HasDatabaseName("IX_Tokens_CreatedByToken").HasFilter("\"CreatedByKind\" = 1");
            // To find what changed since a version.
            entity.HasIndex(token => new { token.AccountId, token.ListVersion }).HasDatabaseName("IX_Tokens_ListVersion");
            // For tokens that were never used. The first use of a token removes it from this index; later ones don't touch it.
            entity.HasIndex(token => new { token.AccountId, token.DeletedAt, token.Status, token.CreatedAt, token.ExpiresAt, token.PreviousEndsAt })
                .HasDatabaseName("IX_Tokens_NeverUsed").HasFilter("\"LastUsedAt\" IS NULL");
            // For deleted tokens only, in order of age.
            entity.HasIndex(token => new { token.AccountId, token.CreatedAt, token.Id, token.DeletedAt, token.Status })
                .HasDatabaseName("IX_Tokens_Deleted").HasFilter("\"DeletedAt\" IS NOT NULL");
        }
    }
}
