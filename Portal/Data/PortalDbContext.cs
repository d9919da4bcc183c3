using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Everything Portal stores. Services make one for each operation and never pass it on.</summary>
/// <param name="writes">Where changes wait for their turn; null: nobody else writes, as before the start.</param>
public sealed class PortalDbContext(DbContextOptions<PortalDbContext> options, WriteQueue? writes = null)
    : IdentityDbContext<PortalUser, IdentityRole, string>(options)
{
    private static readonly string[] RoleNames = ["Viewer", "Operator", "Administrator"];

    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<TokenSecret> TokenSecrets => Set<TokenSecret>();
    public DbSet<TokenTotals> TokenTotals => Set<TokenTotals>();
    public DbSet<TokenPermission> TokenPermissions => Set<TokenPermission>();
    public DbSet<DailyCount> DailyCounts => Set<DailyCount>();
    public DbSet<LatencyCount> LatencyCounts => Set<LatencyCount>();
    public DbSet<RecentRequests> RecentRequests => Set<RecentRequests>();
    public DbSet<ModuleUse> ModuleUses => Set<ModuleUse>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<ExpiryNotice> ExpiryNotices => Set<ExpiryNotice>();
    public DbSet<IdempotentResponse> IdempotentResponses => Set<IdempotentResponse>();
    public DbSet<Installation> Installations => Set<Installation>();
    public DbSet<IpRule> IpRules => Set<IpRule>();
    public DbSet<SeenAddress> SeenAddresses => Set<SeenAddress>();

    /// <summary>The newest secret of a token and the one before it, newest first: never more than two are live.</summary>
    /// <remarks>A query of its own. As an <c>Include</c> with <c>Take</c>, SQL ranks the secrets of all tokens first.</remarks>
    public IQueryable<TokenSecret> NewestSecretsOf(long tokenId) =>
        TokenSecrets.Where(secret => secret.TokenId == tokenId).OrderByDescending(secret => secret.Id).Take(2);

    /// <summary>Saves all changes in one transaction, in a turn of the <see cref="WriteQueue"/>.</summary>
    /// <exception cref="DatabaseBusyException">They got no turn in time. Nothing was saved.</exception>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (writes is null)
            return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        // Also for a single row: it is at the begin of a transaction that the database may have to be waited for.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        return writes.RunAsync(token => base.SaveChangesAsync(acceptAllChangesOnSuccess, token), cancellationToken);
    }

    /// <summary>Within a queued write only: it cannot wait for a turn.</summary>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) => writes is null or { IsCurrent: true }
        ? base.SaveChanges(acceptAllChangesOnSuccess)
        : throw new NotSupportedException("Call SaveChangesAsync: a change waits for its turn in the write queue.");

    protected override Version SchemaVersion => IdentitySchemaVersions.Version3;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityRole>().HasData(RoleNames.Select(name => new IdentityRole
        {
            Id = name, Name = name, NormalizedName = name.ToUpperInvariant(), ConcurrencyStamp = name,
        }));
        builder.ApplyConfigurationsFromAssembly(typeof(PortalDbContext).Assembly);
        SqliteFunctions.Map(builder);
        builder.Entity<PortalUser>(user =>
        {
            user.Property(person => person.DisplayName).HasMaxLength(PortalUser.DisplayNameLength);
            user.HasOne<Account>().WithMany().HasForeignKey(person => person.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
        configurationBuilder.Properties<UInt128>().HaveConversion<AddressConverter>().HaveMaxLength(AddressConverter.Length);
    }

    /// <summary>SQLite forgets the kind of a date; everything stored is UTC.</summary>
    private sealed class UtcDateTimeConverter() : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value,
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
