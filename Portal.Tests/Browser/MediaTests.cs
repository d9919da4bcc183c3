using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The pages on paper, and with the colours that a person's system forces.</summary>
[Collection(BrowserTests.Name)]
public sealed class MediaTests(BrowserEngine engine, SharedPortal shared)
{
    private const string Style = "(element, name) => getComputedStyle(element)[name]";

    [Fact]
    public async Task Details_OnPaperAndInForcedColors_ShowWhatMattersAndNothingElse()
    {
        engine.SkipInFirefox("Playwright can't emulate paper and forced colors in Firefox: WebDriver BiDi has no command for media.");
        await using var ada = await shared.ArriveAsync(engine, dark: true);
        await ada.CreateTokenAsync("Looked at on paper");
        await ada.ClickAsync("Go to details");
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Permissions" }).ClickAsync();
        var rows = ada.Page.GetByRole(AriaRole.Tabpanel).Locator("tbody tr");
        await Expect(rows.First).ToBeVisibleAsync();

        // The width of a sheet of paper, on which the screen would show cards.
        await ada.ResizeAsync(690, 1000);
        await ada.Page.EmulateMediaAsync(new() { Media = Media.Print });
        foreach (var hidden in new[] { ".topbar", ".sidebar", ".breadcrumb", ".actions", "[role=tab][aria-selected=false]" })
            await Expect(ada.Page.Locator(hidden).First).ToBeHiddenAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Permissions" })).ToBeVisibleAsync();
        Assert.Equal("light", await ada.Page.Locator("html").EvaluateAsync<string>(Style, "colorScheme"));
        Assert.Equal("table-row", await rows.First.EvaluateAsync<string>(Style, "display"));

        await ada.Page.EmulateMediaAsync(new() { Media = Media.Screen, ForcedColors = ForcedColors.Active });
        var tabs = ada.Page.GetByRole(AriaRole.Tab);
        Assert.Equal(["2px", "4px"], (await Task.WhenAll((await tabs.AllAsync()).Select(tab => tab.EvaluateAsync<string>(Style, "borderBottomWidth")))).Order().Distinct());
        Assert.Equal("solid", await ada.Page.Locator(".chip").First.EvaluateAsync<string>(Style, "borderTopStyle"));
        await ada.Page.GotoAsync("/tokens/create");
        Assert.Equal("6px", await ada.Page.Locator(".steps [aria-current]").EvaluateAsync<string>(Style, "borderTopWidth"));
        ada.AssertNoBrowserErrors();
    }
}
