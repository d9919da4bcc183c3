using Microsoft.Playwright;
using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>Debian's Firefox: the system's own, or one that is installed from its packages. Playwright drives it with WebDriver BiDi, which needs
/// no build of its own.</summary>
public sealed class Firefox : IAsyncLifetime
{
    private static readonly string[] Names = ["firefox-esr", "firefox"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not started.");

    public async ValueTask InitializeAsync()
    {
        var path = await SystemPackages.RequireAsync("firefox-esr", Names);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Firefox.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Channel = "moz-firefox" });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
