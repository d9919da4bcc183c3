using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

[Collection(MoreBrowserTests.Name)]
public sealed class WizardTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Wizard_KeyboardOnly_CreatesATokenAndCopiesItsKey()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await TabToAsync(ada, "Create token");
        await ada.Page.Keyboard.PressAsync("Enter");

        await Expect(ada.Page.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await ada.Page.Keyboard.TypeAsync("By keyboard");
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Page.GetByLabel("90 days")).ToBeFocusedAsync();
        await ada.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(ada.Page.GetByLabel("6 months")).ToBeCheckedAsync();
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Page.GetByRole(AriaRole.Radio, new() { Name = "Custom" })).ToBeFocusedAsync();
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Page.GetByLabel("All modules")).ToBeFocusedAsync();
        await ada.Page.Keyboard.PressAsync("Space");
        await TabToAsync(ada, "Create");
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Button("View")).ToBeFocusedAsync();
        await TabToAsync(ada, "Copy");
        await ada.Page.Keyboard.PressAsync("Enter");

        await ada.Button("Copied").WaitForAsync();
        Assert.StartsWith("ApiKey SU-", await ada.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"), StringComparison.Ordinal);
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Wizard_ReloadAndServerRestart_TheDraftComesBack()
    {
        await using var first = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, first);
        await ada.SetUpAsync(first);
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Half done");
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Custom date").CheckAsync();
        await ada.Page.GetByLabel("Date and time").FillAsync("2099-03-04T05:06");
        // The browser's time zone is Tokyo, nine hours ahead of UTC.
        await Expect(ada.Page.GetByTitle("2099-03-03 20:06:00 UTC")).ToBeVisibleAsync();

        await ada.Page.ReloadAsync();
        await Expect(ada.Page.GetByLabel("Date and time")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^2099-03-04T05:06"));

        await first.StopAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("The connection was lost");
        await using var second = await PortalProcess.StartAsync(first.DataDirectory, ["--urls", first.Address]);
        // Input that no draft holds is gone, so the page says why.
        var notice = ada.Page.GetByText("so this page was loaded again");
        await Expect(notice).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(ada.Page.GetByText("Your draft was restored")).ToBeVisibleAsync();
        await ada.ClickAsync("Dismiss");
        await Expect(notice).ToBeHiddenAsync();
        await ada.ClickAsync("Back");
        await Expect(ada.Page.GetByLabel("Name")).ToHaveValueAsync("Half done");
    }

    [Fact]
    public async Task Wizard_CreateClickedTwice_MakesOneToken()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Only one");
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Reports").CheckAsync();
        await ada.ClickAsync("Next");
        await Expect(ada.Page.GetByText("The extension determines the permissions.")).ToBeVisibleAsync();
        await ada.Button("Create").DblClickAsync();
        await ada.ClickAsync("Close");

        await Expect(ada.Page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link, new() { Name = "Only one" })).ToHaveCountAsync(1);
        await ada.Page.GotoAsync("/tokens?q=Only+one");
        await Expect(ada.Page.GetByText("1–1 of 1")).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Wizard_LeftHalfWay_AsksFirst()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Leaving");
        await ada.Link("Tokens").ClickAsync();
        await ada.ClickAsync("Stay");
        await Expect(ada.Page.GetByLabel("Name")).ToHaveValueAsync("Leaving");
        await ada.Link("Tokens").ClickAsync();
        await ada.ClickAsync("Leave");
        await ada.Heading("Tokens").WaitForAsync();
    }

    [Fact]
    public async Task Wizard_BrowserBack_GoesToThePreviousStep()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Back and forth");
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("1 year").CheckAsync();
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("Zapier").WaitForAsync();

        await ada.Page.GoBackAsync();
        await Expect(ada.Page.GetByLabel("1 year")).ToBeFocusedAsync();
        await ada.Page.GoBackAsync();
        await Expect(ada.Page.GetByLabel("Name")).ToHaveValueAsync("Back and forth");
        await ada.Page.GoForwardAsync();

        await Expect(ada.Page.GetByLabel("1 year")).ToBeCheckedAsync();
        ada.AssertNoBrowserErrors();
    }

    private static async Task TabToAsync(Visitor visitor, string name)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await visitor.Page.EvaluateAsync<string>("() => (document.activeElement?.innerText ?? '').trim()") == name)
                return;
            await visitor.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The Tab key does not reach \"{name}\".");
    }
}
