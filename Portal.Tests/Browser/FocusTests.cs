using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A page moves the focus to where a person starts, but never takes it from someone who has already started, and
/// repeats a click that came too early.</summary>
[Collection(BrowserTests.Name)]
public sealed class FocusTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task EditForm_FocusArrivesAfterTypingBegan_TypingStaysInItsField()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Early export");
        await ada.ClickAsync("Go to details");
        await ada.Heading("Early export").WaitForAsync();
        var connection = await SlowConnection.HoldFromAsync(ada.Page, "focusFirst");
        await ada.Page.ReloadAsync();
        await ada.Link("Edit").ClickAsync();
        await connection.CalledAsync();
        var description = ada.Page.GetByLabel("Description");
        await description.FillAsync("Typed early");
        await connection.ReleaseAsync();
        await ada.Page.Keyboard.InsertTextAsync(" and late");
        await Expect(description).ToHaveValueAsync("Typed early and late");
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Page_PersonClicksBeforeItIsInteractive_DoesTheSameAfterwards()
    {
        await using var ada = await shared.ArriveAsync(engine);
        var starts = new TaskCompletionSource();
        await ada.Page.RouteAsync("**/blazor.web*.js", async route =>
        {
            await starts.Task;
            await route.ContinueAsync();
        });
        await ada.Page.GotoAsync("tokens", new() { WaitUntil = Microsoft.Playwright.WaitUntilState.Commit });
        await ada.Page.Locator(".palette-button").ClickAsync();
        await Expect(ada.Page.Locator("#connection-bar[data-state=slow]")).ToHaveCountAsync(1);
        starts.SetResult();
        await Expect(ada.Page.Locator("#palette")).ToBeVisibleAsync();
        await Expect(ada.Page.Locator("#connection-bar[data-state=slow]")).ToHaveCountAsync(0);
        ada.AssertNoBrowserErrors();
    }

    /// <summary>The page replaces the pressed button, so the browser reports no click.</summary>
    [Fact]
    public async Task Page_BecomesInteractiveWhileAButtonIsPressed_IsClicked()
    {
        await using var ada = await shared.ArriveAsync(engine);
        var starts = new TaskCompletionSource();
        await ada.Page.RouteAsync("**/blazor.web*.js", async route =>
        {
            await starts.Task;
            await route.ContinueAsync();
        });
        await ada.Page.GotoAsync("tokens", new() { WaitUntil = Microsoft.Playwright.WaitUntilState.Commit });
        await ada.Page.Locator(".palette-button").HoverAsync();
        await ada.Page.Mouse.DownAsync();
        starts.SetResult();
        await Expect(ada.Page.Locator("html[data-ready]")).ToHaveCountAsync(1);
        await Expect(ada.Page.Locator("#palette")).ToBeHiddenAsync();
        await ada.Page.Mouse.UpAsync();
        await Expect(ada.Page.Locator("#palette")).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Wizard_FocusOfAStepArrivesAfterTypingBegan_TypingStaysInItsField()
    {
        await using var ada = await shared.ArriveAsync(engine);
        var connection = await SlowConnection.HoldFromAsync(ada.Page, "focusFirst");
        await ada.Page.GotoAsync("tokens/create");
        await connection.CalledAsync();
        var description = ada.Page.GetByLabel("Description");
        await description.FillAsync("Typed early");
        await connection.ReleaseAsync();
        await Expect(description).ToBeFocusedAsync();
        await ada.ClickAsync("Next");
        await Expect(ada.Page.GetByLabel("Name")).ToBeFocusedAsync();
        await ada.Page.GetByLabel("Name").FillAsync("Late export");
        await ada.ClickAsync("Next");
        await ada.Page.GetByLabel("90 days").WaitForAsync();
        await Expect(ada.Page.GetByLabel("90 days")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task EditForm_FaultArrivesAfterTheNextFieldWasEntered_TypingStaysInItsField()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Faulty export");
        await ada.ClickAsync("Go to details");
        await ada.Heading("Faulty export").WaitForAsync();
        var connection = await SlowConnection.HoldFromAsync(ada.Page, "focusFault");
        await ada.Page.ReloadAsync();
        await ada.Link("Edit").ClickAsync();
        var (name, description) = (ada.Page.GetByLabel("Name"), ada.Page.GetByLabel("Description"));
        await name.FillAsync("");
        await ada.ClickAsync("Save changes");
        await connection.CalledAsync();
        await description.FillAsync("Typed early");
        await connection.ReleaseAsync();
        await Expect(description).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Page_FocusOnTheHeadingArrivesAfterTypingBegan_TypingStaysInItsField()
    {
        await using var ada = await shared.ArriveAsync(engine);
        var connection = await SlowConnection.HoldFromAsync(ada.Page, "focusHeading");
        await ada.Page.GotoAsync("integrations/ip-rules");
        await connection.CalledAsync();
        var address = ada.Page.GetByLabel("Address or range", new() { Exact = true });
        await address.FillAsync("192.0.2.1");
        await connection.ReleaseAsync();
        await Expect(address).ToBeFocusedAsync();
        // Otherwise the page asks whether to leave.
        await address.FillAsync("");
        await ada.Link("Tokens").First.ClickAsync();
        await Expect(ada.Heading("Tokens")).ToBeFocusedAsync();
    }
}
