using System.Diagnostics;
using Microsoft.Playwright;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>Opens the pages of a Portal in Chromium, and measures the time until each shows its data.</summary>
internal sealed class PageVisits : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _page;

    private PageVisits(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, _page) = (playwright, browser, page);

    private ILocator FirstRow => _page.Locator("tbody tr").First;

    public static async Task<PageVisits> SignInAsync(string address)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Tools.Find("chromium"), Args = Arguments });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = address, ViewportSize = new ViewportSize { Width = 1280, Height = 800 } });
        page.SetDefaultTimeout((float)TimeSpan.FromMinutes(2).TotalMilliseconds);
        await page.GotoAsync("/login");
        await page.GetByLabel("Email").FillAsync(SeededUser.Email);
        await page.GetByLabel("Password").FillAsync(SeededUser.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Locator("tbody tr").First.WaitForAsync();
        return new PageVisits(playwright, browser, page);
    }

    /// <param name="handle">The newest token of the account, which is enabled and first in the list.</param>
    /// <returns>Milliseconds by page or action.</returns>
    public async Task<IReadOnlyDictionary<string, double>> LookAroundAsync(string handle)
    {
        var token = $"/tokens/{handle}";
        return new Dictionary<string, double>
        {
            ["list"] = await OpenAsync("/tokens", FirstRow),
            ["disable in the list"] = await ChangeAsync("Disable", "Inactive"),
            ["enable in the list"] = await ChangeAsync("Enable", "Active"),
            ["details, General"] = await OpenAsync(token, _page.Locator("dl").First),
            ["details, Statistics"] = await OpenAsync($"{token}?tab=statistics", _page.GetByText("No requests").First),
            ["details, Permissions"] = await OpenAsync($"{token}?tab=permissions", FirstRow),
            ["edit"] = await OpenAsync($"{token}/edit", _page.GetByLabel("Name")),
            ["wizard"] = await OpenAsync("/tokens/create", _page.GetByLabel("Name")),
            ["IP rules"] = await OpenAsync("/integrations/ip-rules", _page.GetByRole(AriaRole.Heading, new() { Name = "IP rules", Exact = true })),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task<double> OpenAsync(string path, ILocator content)
    {
        var start = Stopwatch.GetTimestamp();
        await _page.GotoAsync(path);
        await _page.WaitForSelectorAsync("html[data-ready=true]");
        await content.WaitForAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>The time from the last click until the list shows the new status.</summary>
    private async Task<double> ChangeAsync(string action, string status)
    {
        await FirstRow.GetByRole(AriaRole.Button).Last.ClickAsync();
        var last = _page.GetByRole(AriaRole.Menuitem, new() { Name = action });
        if (action == "Disable")
        {
            await last.ClickAsync();
            last = _page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = action });
        }

        await last.WaitForAsync();
        var start = Stopwatch.GetTimestamp();
        await last.ClickAsync();
        await FirstRow.GetByText(status, new() { Exact = true }).WaitForAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
