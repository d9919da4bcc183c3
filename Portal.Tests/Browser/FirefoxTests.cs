using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The main job in the other browser engine: its scripts, styles and forms work there too.</summary>
[Slow, KeepsFailures]
public sealed class FirefoxTests(Firefox firefox) : IClassFixture<Firefox>
{
    [Fact]
    public async Task MainJob_CreateCallRotateDisableSelect_WorksAndTheKeyIsRefused()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(firefox, portal);
        await ada.SetUpAsync(portal);
        await ada.CreateTokenAsync("Nightly export");
        await ada.ClickAsync("Copy");
        await Expect(ada.Button("Copied")).ToBeVisibleAsync();
        await ada.ClickAsync("View");
        var shown = ada.Page.Locator(".key-value").First;
        await Expect(shown).Not.ToContainTextAsync("•");
        var key = await shown.InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));

        await ada.ClickAsync("Go to details");
        await ada.Heading("Nightly export").WaitForAsync();
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        await Expect(ada.Page.Locator(".apexcharts-canvas")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await ada.ClickAsync("Actions for Nightly export");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Rotate" }).ClickAsync();
        await ada.Page.GetByRole(AriaRole.Dialog).GetByLabel("After 24 hours").CheckAsync();
        await ada.ClickAsync("Cancel");
        await ada.ClickAsync("Actions for Nightly export");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Disable" }).ClickAsync();
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(ada.Page.Locator("dl").First).ToContainTextAsync("Inactive");
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(portal, key));

        await ada.Link("Tokens").First.ClickAsync();
        // With Ctrl, Firefox selects the cell of a table, unless the page prevents it.
        var tab = await ada.Page.Context.RunAndWaitForPageAsync(() => ada.Page.Locator("tbody td.col-permissions").ClickAsync(new() { Modifiers = [KeyboardModifier.Control] }));
        // Playwright can miss the navigation of a new tab in Firefox, but not its content.
        await Expect(tab.GetByRole(AriaRole.Heading, new() { Name = "Nightly export" })).ToBeVisibleAsync();
        await tab.CloseAsync();
        await ada.Page.GetByLabel("Select Nightly export").CheckAsync();
        await Expect(ada.Page.GetByText("1 selected")).ToBeVisibleAsync();
        ada.AssertNoBrowserErrors();
    }

    private static async Task<HttpStatusCode> CallAsync(PortalProcess portal, string key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var response = await client.GetAsync("/public/v1/agreements", Xunit.TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
