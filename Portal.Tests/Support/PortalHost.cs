using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Accounts;
using Portal.Data;
using Portal.Data.Postgres;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Support;

/// <summary>The whole Portal in the test's process, listening on a free port, with its own data directory and clock. Its setup is complete: it has an
/// account with <see cref="Administrator"/> in it.</summary>
/// <remarks>The tests of a class may share one: each creates the tokens that it needs, and the clock never goes back.</remarks>
public sealed class PortalHost : IAsyncLifetime
{
    public const string AccountName = "Test account";

    /// <summary>Databases without rows.</summary>
    private static readonly ReusedDatabases Databases = new(connectionString => PostgresDatabase.MigrateAsync(connectionString, CancellationToken.None));

    private readonly string? _ownDirectory;
    private readonly Factory _factory;
    private readonly bool _hasConnection;
    private string? _connection;

    public PortalHost() : this("Development")
    {
    }

    /// <param name="settings">Settings that override <c>appsettings.json</c>.</param>
    /// <param name="folder">The data directory; null for an empty one that is removed in the end.</param>
    /// <param name="configure">Makes any other changes.</param>
    internal PortalHost(
        string environment, IReadOnlyDictionary<string, string>? settings = null, string? folder = null, Action<IWebHostBuilder>? configure = null)
    {
        Folder = folder ?? (_ownDirectory = Directory.CreateTempSubdirectory("portal-test-").FullName);
        _hasConnection = settings?.ContainsKey(DatabaseChoice.ConnectionStringSetting) == true;
        _factory = new Factory(this, environment, settings ?? new Dictionary<string, string>(), configure);
        _factory.UseKestrel(0);
    }

    public string Folder { get; }
    public SkewedClock Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    public IServiceProvider Services => _factory.Services;
    public TokenService Tokens => Services.GetRequiredService<TokenService>();
    public Actor Administrator { get; private set; } = null!;

    /// <summary>Such as <c>http://127.0.0.1:40321/</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Sends requests unchanged: follows no redirects and keeps no cookies.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The log so far.</summary>
    public LogRecorder Log { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (_hasConnection)
            _connection = null;
        else if (TestDatabase.IsPostgres)
            _connection = await TestDatabase.TakeAsync(Folder, Databases);
        else if (!File.Exists(Path.Combine(Folder, "portal.db")))
            await MigratedDatabase.CopyToAsync(Folder);
        _factory.StartServer();
        Address = new UriBuilder(_factory.ClientOptions.BaseAddress) { Host = "127.0.0.1" }.Uri;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        await using var context = await ContextAsync();
        var account = await context.Accounts.SingleOrDefaultAsync();
        var isNew = account is null;
        if (account is null)
        {
            account = new Account { Id = "PA-100-200", Name = AccountName, CreatedAt = Clock.GetUtcNow().UtcDateTime };
            context.Accounts.Add(account);
            await context.SaveChangesAsync();
        }

        Administrator = new Actor(ActorKind.User, "test", "Test Administrator", account.Id, Role.Administrator) { SecurityStamp = TestUsers.StampOf("test") };
        if (isNew)
        {
            context.AddUser(Administrator);
            await context.SaveChangesAsync();
        }

        Services.GetRequiredService<FirstRun>().Complete();
    }

    /// <summary>Creates a token, by default for every module and without an expiration.</summary>
    public async Task<ApiKey> CreateTokenAsync(DateTime? expiresAt = null, params string[] moduleIds)
    {
        var wanted = new NewToken(
            Guid.CreateVersion7(), $"Token {Guid.CreateVersion7()}", null, null, expiresAt, "EXT-000",
            moduleIds.Length == 0 ? ModuleChoice.All : new ModuleChoice(false, moduleIds));
        return KeyOf(await Tokens.CreateAsync(Administrator, wanted));
    }

    internal async Task DisableAsync(ApiKey key) => Done(await Tokens.DisableAsync(Administrator, key.Handle));
    internal async Task EnableAsync(ApiKey key) => Done(await Tokens.EnableAsync(Administrator, key.Handle));
    internal async Task DeleteAsync(ApiKey key) => Done(await Tokens.DeleteAsync(Administrator, key.Handle));
    internal async Task<ApiKey> RotateAsync(ApiKey key, DateTime? expiresAt = null) => KeyOf(await Tokens.RotateAsync(Administrator, key.Handle, expiresAt));
    internal async Task<ApiKey> RenewAsync(ApiKey key, DateTime expiresAt) => KeyOf(await Tokens.RenewAsync(Administrator, key.Handle, expiresAt));

    internal async Task EditModulesAsync(ApiKey key, ModuleChoice choice)
    {
        var token = await Services.GetRequiredService<TokenReader>().FindAsync(Administrator, key.Handle);
        Done(await Tokens.EditAsync(Administrator, key.Handle, new TokenEdit(token!.Name, null, null, choice), token.Version));
    }

    /// <summary>Returns the raw header: for an empty list, .NET can't parse its range.</summary>
    internal static string? ContentRangeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Range", out var values) ? values.ToString() : null;

    /// <summary>Sends a request with the value as its only Authorization header; null to send none.</summary>
    internal Task<HttpResponseMessage> SendAsync(string? authorization, string path, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    internal Task<HttpResponseMessage> SendAsync(ApiKey key, string path, HttpMethod? method = null) =>
        SendAsync(key.ToHeaderValue(), path, method);

    public Task<PortalDbContext> ContextAsync() => Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();

    /// <summary>Returns the counts for a token once all of them are in the database, such as <c>2026-11-24 MD-0002 200  3</c>.</summary>
    internal async Task<string[]> CountsAsync(string handle)
    {
        await Services.GetRequiredService<CountWriter>().FlushAsync();
        await using var context = await ContextAsync();
        var counts = await context.DailyCounts.Where(count => context.Tokens.Any(token => token.Id == count.TokenId && token.Handle == handle)).ToListAsync();
        return [.. counts
            .Select(count => $"{count.Day:yyyy-MM-dd} {(count.ModuleId.Length > 0 ? count.ModuleId : "-")} {count.StatusCode} {(count.Reason.Length > 0 ? count.Reason : "-")} {count.Count}")
            .Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        var directory = Services.GetRequiredService<DataDirectory>();
        Client?.Dispose();
        await _factory.DisposeAsync();
        // It would be held until the process ends, and another host may need the same directory.
        directory.Dispose();
        if (_ownDirectory is null)
            return;
        Directory.Delete(_ownDirectory, recursive: true);
        await TestDatabase.ReturnAsync(_ownDirectory);
    }

    private static ApiKey KeyOf(TokenOutcome outcome) => Done(outcome).Key!;

    private static TokenOutcome.Done Done(TokenOutcome outcome) => Assert.IsType<TokenOutcome.Done>(outcome);

    private sealed class Factory(
        PortalHost host, string environment, IReadOnlyDictionary<string, string> settings, Action<IWebHostBuilder>? configure) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(environment);
            builder.UseSetting(DataDirectory.SettingName, host.Folder);
            foreach (var (name, value) in settings)
                builder.UseSetting(name, value);
            foreach (var (name, value) in host._connection is null ? [] : TestDatabase.SettingsFor(host._connection))
                builder.UseSetting(name, value);
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(host.Log));
            builder.ConfigureServices(services => services.AddKeyedSingleton<TimeProvider>(MonotonicClock.SystemClock, host.Clock)
                .AddSingleton(new RefusalTime(host.Clock) { Step = TimeSpan.Zero }));
            configure?.Invoke(builder);
        }
    }
}
