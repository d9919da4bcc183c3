using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Portal.Access;
using Portal.Accounts;
using Portal.Audit;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Mail;
using Portal.Nodes;
using Portal.Policies;
using Portal.Notices;
using Portal.Scim;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Webhooks;

namespace Portal.Tests.Support;

/// <summary>Portal's services as <c>Program</c> registers them, with a separate database file and a clock that the test controls. It has two
/// accounts: <see cref="Account"/> and <see cref="OtherAccount"/>.</summary>
internal sealed class TestPortal : IAsyncDisposable
{
    public const string Account = "PA-000-001";
    public const string OtherAccount = "PA-000-002";
    public static readonly DateTime Start = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    private static readonly Lazy<Task<byte[]>> MigratedDatabase = new(MigrateAsync);
    /// <summary>Databases on the server, with the two accounts.</summary>
    public static readonly ReusedDatabases Databases = new(FillAsync);

    private readonly IHost _host;
    private readonly bool _keepsDirectory;

    private TestPortal(IHost host, string directory, bool keepsDirectory) => (_host, Directory, _keepsDirectory) = (host, directory, keepsDirectory);

    public string Directory { get; }
    public SkewedClock Clock { get; } = new(Start) { AutoAdvanceAmount = TimeSpan.Zero };
    public DateTime Now => Clock.GetUtcNow().UtcDateTime;
    public IServiceProvider Services => _host.Services;
    public TokenService Tokens => Services.GetRequiredService<TokenService>();
    public TokenReader Reader => Services.GetRequiredService<TokenReader>();
    public ModuleCatalog Catalog => Services.GetRequiredService<ModuleCatalog>();

    public Actor Viewer { get; } = ActorOf(Role.Viewer);
    public Actor Operator { get; } = ActorOf(Role.Operator);
    public Actor Administrator { get; } = ActorOf(Role.Administrator);

    /// <summary>A person with all permissions in the other account.</summary>
    public Actor OtherAccountActor { get; } = StrangerActor;

    /// <param name="directory">An existing data directory, which is kept; null for a new one.</param>
    /// <param name="settings">Values that override <c>appsettings.json</c>.</param>
    /// <param name="catalog">Changes the default catalog.</param>
    /// <param name="onPostgres">Whether to use PostgreSQL in every run.</param>
    /// <param name="server">The connection string of another portal's database, or of one of <see cref="Databases"/>; null for a database of its own.</param>
    public static async Task<TestPortal> CreateAsync(
        string? directory = null,
        Dictionary<string, string?>? settings = null,
        Action<CatalogOptions>? catalog = null,
        Action<IServiceCollection>? services = null,
        bool onPostgres = false,
        string? server = null)
    {
        var path = directory ?? System.IO.Directory.CreateTempSubdirectory("portal-test-").FullName;
        if (onPostgres || server is not null || TestDatabase.IsPostgres)
        {
            Dictionary<string, string?> all = new(settings ?? []);
            foreach (var (name, value) in TestDatabase.SettingsFor(server is null ? await TestDatabase.TakeAsync(path, Databases) : TestDatabase.Share(path, server)))
                all[name] = value;
            return Build(path, keepsDirectory: directory is not null, all, catalog, services);
        }

        var database = Path.Combine(path, "portal.db");
        if (!File.Exists(database))
            await File.WriteAllBytesAsync(database, await MigratedDatabase.Value);
        return Build(path, keepsDirectory: directory is not null, settings, catalog, services);
    }

    /// <summary>Opens a data directory as it is, without creating its database.</summary>
    public static TestPortal Open(string directory) => Build(directory, keepsDirectory: true, null, null, null);

    public async Task<PortalDbContext> OpenAsync() =>
        await Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();

    /// <summary>Runs SQL outside Portal, as another program would.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using DbConnection connection = TestDatabase.FindConnectionString(Directory) is { } server
            ? new NpgsqlConnection(server + ";Timezone=UTC")
            : new SqliteConnection($"Data Source={Path.Combine(Directory, "portal.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = connection is NpgsqlConnection ? TestDatabase.Translate(sql) : sql;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<List<AuditEntry>> AuditAsync()
    {
        await using var context = await OpenAsync();
        return await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Id).ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        ClearPool();
        _host.Dispose();
        if (_keepsDirectory)
            return;
        await TemporaryDirectory.DeleteAsync(Directory);
        await TestDatabase.ReturnAsync(Directory);
    }

    private static Actor StrangerActor { get; } = new(ActorKind.User, "stranger", "A stranger", OtherAccount, Role.Administrator)
    {
        SecurityStamp = TestUsers.StampOf("stranger"),
    };

    private static Actor ActorOf(Role role) =>
        new(ActorKind.User, $"user-{role}", $"An {role}", Account, role) { SecurityStamp = TestUsers.StampOf($"user-{role}") };

    private static TestPortal Build(
        string directory, bool keepsDirectory, Dictionary<string, string?>? settings, Action<CatalogOptions>? catalog, Action<IServiceCollection>? services)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Configuration.AddJsonFile(Path.Combine(Built.SourceRoot, "appsettings.json"));
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection([new(DataDirectory.SettingName, directory)]);
        builder.AddData();
        builder.AddCatalog();
        builder.AddAccess();
        builder.AddNodeList();
        builder.AddAudit();
        builder.AddStatistics();
        builder.AddMail();
        builder.AddPolicies();
        builder.AddAccounts();
        builder.AddScim();
        builder.AddIpRules();
        builder.AddTokens();
        builder.AddWebhooks();
        builder.AddNotices();
        builder.AddApiKeyAuthentication();
        // In production, it is a warning for each such query: which rows it reads is left to chance.
        builder.Services.ConfigureDbContext<PortalDbContext>(options => options.ConfigureWarnings(events => events.Throw(CoreEventId.RowLimitingOperationWithoutOrderByWarning)));
        if (catalog is not null)
            builder.Services.PostConfigure(catalog);
        // No test waits for it, except its own.
        builder.Services.AddSingleton(new RefusalTime(TimeProvider.System) { Step = TimeSpan.Zero });
        services?.Invoke(builder.Services);
        TestPortal? portal = null;
        builder.Services.AddKeyedSingleton<TimeProvider>(MonotonicClock.SystemClock, (_, _) => portal!.Clock);
        portal = new TestPortal(builder.Build(), directory, keepsDirectory);
        // The container releases the directory's lock only if it was resolved.
        portal.Services.GetRequiredService<DataDirectory>();
        return portal;
    }

    /// <summary>Returns the bytes of a current database with the two accounts. It is created once, because migrating takes longer than most
    /// tests.</summary>
    private static async Task<byte[]> MigrateAsync()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("portal-template-").FullName;
        await FillAsync(directory, null);
        // Closing the last connection has moved the write-ahead log into the file.
        var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, "portal.db"));
        System.IO.Directory.Delete(directory, recursive: true);
        return bytes;
    }

    private static async Task FillAsync(string connectionString)
    {
        using var directory = new TemporaryDirectory();
        await FillAsync(directory.Path, TestDatabase.SettingsFor(connectionString).ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
    }

    private static async Task FillAsync(string directory, Dictionary<string, string?>? settings)
    {
        await using var portal = Build(directory, keepsDirectory: true, settings, null, null);
        await portal.Services.MigrateDatabaseAsync();
        await using var context = await portal.OpenAsync();
        context.Accounts.AddRange(
            new Account { Id = Account, Name = "Main account", CreatedAt = Start }, new Account { Id = OtherAccount, Name = "Other account", CreatedAt = Start });
        foreach (var actor in Enum.GetValues<Role>().Select(ActorOf).Append(StrangerActor))
            context.AddUser(actor);
        await context.SaveChangesAsync();
    }

    private void ClearPool()
    {
        using var context = Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContext();
        if (context.Database.GetDbConnection() is SqliteConnection connection)
            SqliteConnection.ClearPool(connection);
    }
}
