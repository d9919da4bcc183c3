using System.Net.Http.Headers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The statistics of a token on a low screen: the graph comes first, follows the choices, and follows requests by itself.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class StatisticsTests(BrowserEngine engine, SharedPortal shared)
{
    private const string ShowsColumns = "() => [...document.querySelectorAll('.apexcharts-bar-area')].some(column => column.getBBox().height > 2)";

    /// <summary>Also with reduced motion, which the tests prefer.</summary>
    private const string HasColorOfLegend = """
        () => {
            const fill = element => getComputedStyle(element).fill;
            const columns = [...document.querySelectorAll('.apexcharts-bar-area')].filter(column => column.getBBox().height > 2);
            return columns.map(fill).join() === fill(document.querySelector('.series-200 .swatch'));
        }
        """;

    [Fact]
    public async Task Graph_IsInSightAndFollowsPeriodSeriesAndRequests()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Statistics in sight");
        var key = await ada.CopyKeyAsync();
        await CallAsync(key, "/public/v1/agreements");
        await ada.ClickAsync("Go to details");
        await ada.ResizeAsync(1366, 650);
        ILocator Period(string name) => ada.Page.GetByRole(AriaRole.Radio, new() { Name = name });
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        var all = ada.Page.GetByRole(AriaRole.Group, new() { Name = "Responses by category" }).Locator(".figure").First;
        await Expect(all).ToHaveTextAsync("1", new() { Timeout = 15_000 });

        var graph = ada.Page.Locator(".apexcharts-canvas");
        await Expect(graph).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await ada.Page.WaitForFunctionAsync(ShowsColumns);
        Assert.True(await ada.Page.EvaluateAsync<bool>(HasColorOfLegend));
        Assert.InRange((await graph.BoundingBoxAsync())!.Y, 200, 300);
        await Expect(all).ToBeInViewportAsync();

        var success = ada.Page.GetByRole(AriaRole.Button, new() { Name = "200s Success" });
        await success.FocusAsync();
        await ada.Page.Keyboard.PressAsync("Space");
        await Expect(success).ToHaveAttributeAsync("aria-pressed", "false");
        await ada.Page.WaitForFunctionAsync($"() => !({ShowsColumns})()");

        // With the arrow keys of a group of radio buttons.
        await Period("30 days").FocusAsync();
        await ada.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(ada.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("days=7"));
        await ada.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(ada.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("hours=24"));
        await Expect(Period("24 hours")).ToBeFocusedAsync();
        await Expect(ada.Page.GetByText("Responses per hour").First).ToBeVisibleAsync();

        await CallAsync(key, "/public/v1/nowhere");
        await Expect(all).ToHaveTextAsync("2", new() { Timeout = 15_000 });
        await Expect(success).ToHaveAttributeAsync("aria-pressed", "false");
        await Expect(Period("24 hours")).ToBeFocusedAsync();
        await Expect(ada.Page.GetByText("Path not found").First).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }

    private async Task CallAsync(string key, string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri(shared.Process.Address) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var response = await client.GetAsync(path, Xunit.TestContext.Current.CancellationToken);
    }
}
