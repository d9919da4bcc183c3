using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portal.Data;

/// <summary>Everything Portal stores. Services make one for each operation and never pass it on.</summary>
public sealed class PortalDbContext(DbContextOptions<PortalDbContext> options)
    : IdentityDbContext<PortalUser, IdentityRole, string>(options)
{
    private static readonly string[] RoleNames = ["Viewer", "Operator", "Administrator"];

    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<Token> Tokens => Set<Token>();
    public DbSet<TokenSecret> TokenSecrets => Set<TokenSecret>();
    public DbSet<TokenTally> TokenTallies => Set<TokenTally>();
    public DbSet<TokenPermission> TokenPermissions => Set<TokenPermission>();
    public DbSet<DailyCount> DailyCounts => Set<DailyCount>();
    public DbSet<LatencyCount> LatencyCounts => Set<LatencyCount>();
    public DbSet<RecentRequests> RecentRequests => Set<RecentRequests>();
    public DbSet<ModuleUse> ModuleUses => Set<ModuleUse>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<ExpiryNotice> ExpiryNotices => Set<ExpiryNotice>();
    public DbSet<RememberedCall> RememberedCalls => Set<RememberedCall>();
    public DbSet<Installation> Installations => Set<Installation>();
    public DbSet<IpRule> IpRules => Set<IpRule>();
    public DbSet<SeenAddress> SeenAddresses => Set<SeenAddress>();

    protected override Version SchemaVersion => IdentitySchemaVersions.Version3;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityRole>().HasData(RoleNames.Select(name => new IdentityRole
        {
            Id = name, Name = name, NormalizedName = name.ToUpperInvariant(), ConcurrencyStamp = name,
        }));
        builder.ApplyConfigurationsFromAssembly(typeof(PortalDbContext).Assembly);
        DatabaseText.AddTo(builder);
        builder.Entity<PortalUser>(user =>
        {
            user.Property(person => person.DisplayName).HasMaxLength(PortalUser.DisplayNameLength);
            user.HasOne<Account>().WithMany().HasForeignKey(person => person.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
        configurationBuilder.Properties<UInt128>().HaveConversion<AddressNumber.Converter>().HaveMaxLength(AddressNumber.Length);
    }

    /// <summary>SQLite forgets the kind of a date; everything stored is UTC.</summary>
    private sealed class UtcDateTimeConverter() : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value,
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
