using Microsoft.Playwright;
using Portal.Tests.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>The browser of the tests: the system's own, or one that is installed from its packages.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    /// <summary>Root can't use Chromium's sandbox. The other arguments prevent requests to the vendor's servers.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not started.");

    public async ValueTask InitializeAsync()
    {
        var path = await SystemPackages.RequireAsync("chromium", Names);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>One browser for these browser tests, started once; each test has its own context.</summary>
[Slow, KeepsFailures]
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Chromium>, ICollectionFixture<SharedPortal>
{
    public const string Name = "Browser";
}

/// <summary>The browser tests of the demonstration. They run beside the others, with a browser of their own.</summary>
[Slow, KeepsFailures]
[CollectionDefinition(Name)]
public sealed class DemoBrowserTests : ICollectionFixture<Chromium>, ICollectionFixture<DemoProcess>
{
    public const string Name = "Browser of the demonstration";
}
