using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>The database context for everything that Portal stores. Services create one for each operation and don't share it.</summary>
/// <param name="writes">The queue in which changes wait for their turn; null if there are no other writers, as during the start.</param>
public class PortalDbContext(DbContextOptions<PortalDbContext> options, WriteQueue? writes = null)
    : IdentityDbContext<PortalUser, IdentityRole, string>(options)
{
    /// <summary>By the WebAuthn specification.</summary>
    private const int LongestCredentialId = 1023;

    private static readonly string[] RoleNames = ["Viewer", "Operator", "Administrator"];

    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<TokenSecret> TokenSecrets => Set<TokenSecret>();
    public DbSet<TokenTotals> TokenTotals => Set<TokenTotals>();
    public DbSet<TokenPermission> TokenPermissions => Set<TokenPermission>();
    public DbSet<DailyCount> DailyCounts => Set<DailyCount>();
    public DbSet<HourlyCount> HourlyCounts => Set<HourlyCount>();
    public DbSet<LatencyCount> LatencyCounts => Set<LatencyCount>();
    public DbSet<RecentRequests> RecentRequests => Set<RecentRequests>();
    public DbSet<ModuleUse> ModuleUses => Set<ModuleUse>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<AuditTrim> AuditTrims => Set<AuditTrim>();
    public DbSet<AuditStreamCursor> AuditStreamCursors => Set<AuditStreamCursor>();
    public DbSet<Notice> Notices => Set<Notice>();
    public DbSet<NoticeRecipient> NoticeRecipients => Set<NoticeRecipient>();
    public DbSet<NoticeSettings> NoticeSettings => Set<NoticeSettings>();
    public DbSet<CalendarFeed> CalendarFeeds => Set<CalendarFeed>();
    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<WebhookAttempt> WebhookAttempts => Set<WebhookAttempt>();
    public DbSet<TokenPolicy> TokenPolicies => Set<TokenPolicy>();
    public DbSet<TokenTemplate> TokenTemplates => Set<TokenTemplate>();
    public DbSet<ApprovalRequest> ApprovalRequests => Set<ApprovalRequest>();
    public DbSet<IdempotentResponse> IdempotentResponses => Set<IdempotentResponse>();
    public DbSet<Installation> Installations => Set<Installation>();
    public DbSet<IpRule> IpRules => Set<IpRule>();
    public DbSet<SeenAddress> SeenAddresses => Set<SeenAddress>();
    public DbSet<SavedView> SavedViews => Set<SavedView>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<UserSecondFactor> UserSecondFactors => Set<UserSecondFactor>();
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();
    public DbSet<TokenOwner> TokenOwners => Set<TokenOwner>();
    public DbSet<ScimUser> ScimUsers => Set<ScimUser>();
    public DbSet<ScimGroup> ScimGroups => Set<ScimGroup>();
    public DbSet<ScimGroupMember> ScimGroupMembers => Set<ScimGroupMember>();
    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();

    /// <summary>The newest secret of a token and the one before it, newest first. No more than two are ever live.</summary>
    /// <remarks>A separate query: as an <c>Include</c> with <c>Take</c>, SQL would rank the secrets of all tokens first.</remarks>
    public IQueryable<TokenSecret> NewestSecretsOf(long tokenId) =>
        TokenSecrets.Where(secret => secret.TokenId == tokenId).OrderByDescending(secret => secret.Id).Take(2);

    /// <summary>Saves all changes in one transaction, in a turn of the <see cref="WriteQueue"/>.</summary>
    /// <exception cref="DatabaseBusyException">The write didn't get its turn in time. Nothing was saved.</exception>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (writes is null)
            return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        // Also for a single row: waiting for the database is only possible at the start of a transaction.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        return writes.RunAsync(token => base.SaveChangesAsync(acceptAllChangesOnSuccess, token), cancellationToken);
    }

    /// <summary>Saves changes within a queued write only: a synchronous call can't wait for its turn.</summary>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) => writes is null or { IsCurrent: true }
        ? base.SaveChanges(acceptAllChangesOnSuccess)
        : throw new NotSupportedException("Call SaveChangesAsync: a change waits for its turn in the write queue.");

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityRole>().HasData(RoleNames.Select(name => new IdentityRole
        {
            Id = name, Name = name, NormalizedName = name.ToUpperInvariant(), ConcurrencyStamp = name,
        }));
        builder.ApplyConfigurationsFromAssembly(typeof(PortalDbContext).Assembly);
        builder.Entity<PortalUser>(user =>
        {
            user.Property(person => person.DisplayName).HasMaxLength(PortalUser.DisplayNameLength);
            user.Property(person => person.TokenColumns).HasMaxLength(PortalUser.TokenColumnsLength);
            user.Property(person => person.Theme).HasMaxLength(PortalUser.PreferenceLength);
            user.Property(person => person.Language).HasMaxLength(PortalUser.PreferenceLength);
            user.Property(person => person.TimeZone).HasMaxLength(PortalUser.TimeZoneLength);
            user.HasOne<Account>().WithMany().HasForeignKey(person => person.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        // Identity adds passkeys only if the schema version is in its options, which contexts without services don't have.
        builder.Entity<IdentityUserPasskey<string>>(passkey =>
        {
            passkey.ToTable("UserPasskeys");
            passkey.HasKey(stored => stored.CredentialId);
            passkey.Property(stored => stored.CredentialId).HasMaxLength(LongestCredentialId);
            passkey.Property(stored => stored.UserId).IsRequired();
            passkey.OwnsOne(stored => stored.Data).ToJson();
            passkey.HasOne<PortalUser>().WithMany().HasForeignKey(stored => stored.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        if (Database.IsNpgsql())
            PostgresModel.Adapt(builder);
        else
            SqliteFunctions.Map(builder);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
        configurationBuilder.Properties<UInt128>().HaveConversion<AddressConverter>().HaveMaxLength(AddressConverter.Length);
    }

    /// <summary>All stored dates are UTC, but SQLite doesn't store their kind. PostgreSQL stores microseconds, so every database does: data can then be
    /// copied from one to the other.</summary>
    private sealed class UtcDateTimeConverter() : ValueConverter<DateTime, DateTime>(
        value => ToStored(value), value => DateTime.SpecifyKind(value, DateTimeKind.Utc))
    {
        private static DateTime ToStored(DateTime value)
        {
            var utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
            return new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        }
    }
}
