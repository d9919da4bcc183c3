using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A page whose browser is offline, or whose server doesn't answer, says so at once and loses no action silently.</summary>
[Collection(BrowserTests.Name)]
public sealed class ConnectionTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Offline_ThePageSaysSoAtOnce_AndSendsNothingUntilTheNetworkIsBack()
    {
        await using var ada = await shared.ArriveAsync(engine);
        var bar = ada.Page.Locator("#connection-bar");

        await ada.Page.Context.SetOfflineAsync(true);
        // Long before Blazor itself notices, after 30 seconds.
        await Expect(bar).ToHaveTextAsync("You're offline. Nothing that you do here is sent.");
        await ada.Link("Create token").First.ClickAsync();
        Assert.EndsWith("/tokens", ada.Page.Url, StringComparison.Ordinal);
        await ada.Page.Context.SetOfflineAsync(false);

        await Expect(bar).ToHaveTextAsync("");
        Assert.EndsWith("/tokens", ada.Page.Url, StringComparison.Ordinal);
        await ada.Link("Create token").First.ClickAsync();
        await ada.Heading("Create token").WaitForAsync();
    }

    [Fact]
    public async Task FrozenServer_AfterAClick_ShowsALineAndThenSaysThatTheServerIsNotResponding()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.Page.Clock.InstallAsync();
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Never sent");
        var bar = ada.Page.Locator("#connection-bar");

        await shared.Process.FreezeAsync();
        try
        {
            await ada.ClickAsync("Next");
            await ada.Page.Clock.FastForwardAsync(1000);
            await Expect(bar).ToHaveAttributeAsync("data-state", "slow");
            await ada.Page.Clock.FastForwardAsync(4000);
            await Expect(bar).ToContainTextAsync("The server isn't responding.");
        }
        finally
        {
            await shared.Process.ResumeAsync();
        }

        await Expect(bar).ToHaveTextAsync("");
        await Expect(ada.Page.GetByLabel("90 days")).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }
}
