using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The list of tokens by keyboard and by clicks on its rows.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class TokenListKeysTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Keyboard_SearchSelectOpenAndPalette_NeedNoMouse()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Palette export");
        await ada.Page.GotoAsync("tokens");
        await ada.Link("Palette export").WaitForAsync();

        await ada.Page.Keyboard.PressAsync("/");
        await ada.Page.Keyboard.TypeAsync("palette");
        await Expect(ada.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await ada.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(ada.Link("Palette export")).ToBeFocusedAsync();
        await ada.Page.Keyboard.PressAsync("x");
        await Expect(ada.Page.GetByText("1 selected")).ToBeVisibleAsync();
        await ada.Page.Keyboard.PressAsync("?");
        await Expect(ada.Heading("Keyboard shortcuts")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindViolationsAsync(ada.Page, Axe.AllRules));
        await ada.Page.Keyboard.PressAsync("Escape");
        await ada.Page.Keyboard.PressAsync("Enter");
        await ada.Heading("Palette export").WaitForAsync();

        await ada.Page.GotoAsync("integrations");
        await ada.Heading("General").WaitForAsync();
        await ada.Page.Keyboard.PressAsync("Control+k");
        await ada.Page.Keyboard.TypeAsync("export palet");
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Option).Filter(new() { HasText = "Palette export" }).WaitForAsync();
        Assert.Empty(await Axe.FindViolationsAsync(ada.Page, Axe.AllRules));
        await ada.Page.Keyboard.PressAsync("Enter");
        await ada.Heading("Palette export").WaitForAsync();
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Click_Row_OpensItsTokenAndWithControlInANewTab()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Clicked export");
        await ada.Page.GotoAsync("tokens?q=clicked");
        var cell = ada.Page.Locator("tbody tr td.col-permissions");
        await cell.WaitForAsync();

        var tab = await ada.Page.Context.RunAndWaitForPageAsync(() => cell.ClickAsync(new() { Modifiers = [Microsoft.Playwright.KeyboardModifier.Control] }));
        await tab.WaitForURLAsync("**/tokens/SU-*");
        await tab.CloseAsync();
        await cell.ClickAsync();
        await ada.Heading("Clicked export").WaitForAsync();
    }
}
