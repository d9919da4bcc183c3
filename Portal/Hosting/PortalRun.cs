using Microsoft.Extensions.Options;
using Portal.Accounts;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Demo;
using Portal.Gateway;
using Portal.Hosting.Https;

namespace Portal.Hosting;

/// <summary>A run of the process as requested on the command line: a real Portal or a demonstration.</summary>
/// <remarks><c>--demo</c> is only read from the command line: no settings file or environment variable can turn a real Portal into one whose password
/// is printed.</remarks>
public sealed class PortalRun : IAsyncDisposable
{
    private const string DemoFlag = "--demo";

    /// <summary>Options that are read here and aren't part of the configuration.</summary>
    private static readonly string[] OwnFlags = [DemoFlag, ClockKeeper.AcceptOption];

    private readonly string[] _args;
    private readonly bool _acceptClock;
    private readonly string? _demoDirectory;

    private PortalRun(string[] args, bool demo, bool acceptClock)
    {
        (_args, _acceptClock) = (args, acceptClock);
        _demoDirectory = demo ? Directory.CreateTempSubdirectory("portal-demo-").FullName : null;
    }

    public static PortalRun Parse(string[] args) => new(
        [.. args.Where(arg => !OwnFlags.Contains(arg))], args.Contains(DemoFlag), args.Contains(ClockKeeper.AcceptOption));

    /// <summary>Reads <c>appsettings.json</c> from the program's folder, wherever it is started from. Environment variables override it, and the
    /// command line overrides both.</summary>
    public WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = _args, ContentRootPath = AppContext.BaseDirectory });
        if (_demoDirectory is not null)
            builder.Configuration.AddInMemoryCollection([new(DataDirectory.SettingName, _demoDirectory)]);
        if (!SaysWhereToListen(builder.Configuration))
            builder.WebHost.UseUrls(ListenAddresses.Default);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Each additional provider opens its own scope for every request.
        builder.Logging.ClearProviders().AddConsole();
        FaultLoggerFactory.Add(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, DrainingLifetime>();
        ConnectionLimits.Add(builder);
        builder.AddHttps();
        return builder;
    }

    /// <summary>Checks everything that must be right before Portal serves requests: the configuration, the database, and the first user.</summary>
    public async Task PrepareAsync(WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        UnsafeSettings.Check(app.Services, _demoDirectory is not null);
        await app.Services.MigrateDatabaseAsync();
        await app.Services.GetRequiredService<ClockKeeper>().StartClockAsync(_acceptClock);
        app.Services.GetRequiredService<KeyRingEncryption>().Encrypt();
        await app.Services.GetRequiredService<KeyRingCheck>().RunAsync();
        app.Services.EnsureAssertionKeys();
        if (_demoDirectory is null)
            app.Services.GetRequiredService<KeyRingNotice>().Raise();
        await SeedDemoAsync(app);
        await app.Services.PrepareFirstRunAsync();
    }

    /// <summary>Adds people, tokens and statistics to a demonstration. Does nothing to a real Portal.</summary>
    private async Task SeedDemoAsync(WebApplication app)
    {
        if (_demoDirectory is null)
            return;
        var credentials = await DemoData.CreateAsync(app.Services);
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine(credentials.Describe(app.Urls.First())));
    }

    /// <summary>Whether the configuration specifies an address to listen on, in any way that the web server supports.</summary>
    private static bool SaysWhereToListen(ConfigurationManager configuration) =>
        !string.IsNullOrEmpty(configuration[WebHostDefaults.ServerUrlsKey]) || !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpPortsKey]) ||
        !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpsPortsKey]) || configuration.GetSection("Kestrel:Endpoints").Exists();

    public ValueTask DisposeAsync()
    {
        try
        {
            if (_demoDirectory is not null)
                Directory.Delete(_demoDirectory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Windows doesn't remove a file that is still open. The folder is temporary, and the result of the run matters more.
        }

        return ValueTask.CompletedTask;
    }
}
