using Microsoft.Playwright;
using Portal.Tests.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>The browser of the tests: the system's own, or one that is installed from its packages. It is Chromium, unless
/// <see cref="Setting"/> is "firefox".</summary>
/// <remarks>Playwright drives Firefox with WebDriver BiDi, which needs no build of its own but can't emulate media: the color scheme of the
/// system and the preference for reduced motion are settings of the browser.</remarks>
public class BrowserEngine : IAsyncLifetime
{
    /// <summary>The environment variable that names the browser.</summary>
    public const string Setting = "PORTAL_TEST_BROWSER";

    private const string ChromiumName = "chromium", FirefoxName = "firefox";

    private static readonly string[] ChromiumPrograms = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly string[] FirefoxPrograms = ["firefox-esr", "firefox"];

    /// <summary>Root can't use Chromium's sandbox. The other arguments prevent requests to the vendor's servers.</summary>
    private static readonly string[] ChromiumArguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly string _name;
    private IPlaywright? _playwright;
    private IBrowser? _browser, _dark;

    public BrowserEngine() : this(Environment.GetEnvironmentVariable(Setting))
    {
    }

    protected BrowserEngine(string? name) => _name = name switch
    {
        null or "" or ChromiumName => ChromiumName,
        FirefoxName => FirefoxName,
        _ => throw new InvalidOperationException($"{Setting} must be {ChromiumName} or {FirefoxName}, not \"{name}\"."),
    };

    public bool IsFirefox => _name == FirefoxName;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not started.");

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        // The first page of a kind takes seconds on a busy machine, because its code is compiled.
        Assertions.SetDefaultExpectTimeout(15_000);
        _browser = await LaunchAsync(dark: false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var browser in new[] { _browser, _dark })
            if (browser is not null)
                await browser.DisposeAsync();
        _playwright?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens a separate context, which shares nothing with the others.</summary>
    /// <param name="dark">Whether the system prefers dark colors. For Firefox, this takes a second browser.</param>
    public async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options, bool dark)
    {
        if (IsFirefox)
        {
            // The locale alone doesn't apply to the header of a WebSocket's request, from which a circuit takes its language.
            if (options.Locale is not null)
                options.ExtraHTTPHeaders = [new("Accept-Language", options.Locale)];
            return await (dark ? _dark ??= await LaunchAsync(dark: true) : Browser).NewContextAsync(options);
        }

        options.ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light;
        // Rendering animations without a graphics card takes much of the processor time.
        options.ReducedMotion = ReducedMotion.Reduce;
        options.Permissions = ["clipboard-read", "clipboard-write"];
        return await Browser.NewContextAsync(options);
    }

    /// <summary>Skips a test for a reason that the automation of Firefox gives.</summary>
    public void SkipInFirefox(string reason) => Assert.SkipWhen(IsFirefox, reason);

    private async Task<IBrowser> LaunchAsync(bool dark) => IsFirefox
        ? await _playwright!.Firefox.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = await SystemPackages.RequireAsync("firefox-esr", FirefoxPrograms),
            Channel = "moz-firefox",
            FirefoxUserPrefs = new Dictionary<string, object>
            {
                ["ui.systemUsesDarkTheme"] = dark ? 1 : 0,
                ["ui.prefersReducedMotion"] = 1,
                // Otherwise a menu of the browser asks before a page may read the clipboard.
                ["dom.events.testing.asyncClipboard"] = true,
            },
        })
        : await _playwright!.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = await SystemPackages.RequireAsync("chromium", ChromiumPrograms), Args = ChromiumArguments,
        });
}

/// <summary>Firefox, whatever the setting says.</summary>
public sealed class Firefox() : BrowserEngine("firefox");

/// <summary>One browser for these browser tests, started once; each test has its own context.</summary>
[Slow, KeepsFailures]
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserEngine>, ICollectionFixture<SharedPortal>
{
    public const string Name = "Browser";
}

/// <summary>About half of the browser tests. They run beside the others, with a browser and a portal of their own.</summary>
[Slow, KeepsFailures]
[CollectionDefinition(Name)]
public sealed class MoreBrowserTests : ICollectionFixture<BrowserEngine>, ICollectionFixture<SharedPortal>
{
    public const string Name = "More of the browser";
}

/// <summary>The browser tests of the demonstration. They run beside the others, with a browser of their own.</summary>
[Slow, KeepsFailures]
[CollectionDefinition(Name)]
public sealed class DemoBrowserTests : ICollectionFixture<BrowserEngine>, ICollectionFixture<DemoProcess>
{
    public const string Name = "Browser of the demonstration";
}
