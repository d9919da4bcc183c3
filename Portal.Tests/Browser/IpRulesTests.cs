using System.Net;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>IP rules from an administrator's view, with their effect on a program that makes requests meanwhile.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class IpRulesTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Rules_AddedAndRemoved_HoldForTheVeryNextRequestAndWarnBefore()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var visitor = await Visitor.ArriveAsync(engine, portal);
        visitor.Looks = [Look.Wide, Look.NarrowDark];
        await visitor.SetUpAsync(portal);
        await visitor.CreateTokenAsync("Order import");
        var key = await visitor.CopyKeyAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));
        await OpenAsync(visitor, narrow: false);
        await PagesTests.CheckAsync(visitor, "no rules");

        await AddAsync(visitor, "192.0.2.7/24");
        await Expect(visitor.Page.GetByText("No network of this size starts at 192.0.2.7.")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(visitor, "a fault");

        await AddAsync(visitor, "192.0.2.0/24", "Office");
        var dialog = visitor.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Allow only 192.0.2.0/24?");
        await Expect(dialog).ToContainTextAsync("The rule doesn't include your own address, 127.0.0.1.");
        await Expect(dialog.GetByRole(AriaRole.Row).Last).ToContainTextAsync("127.0.0.1");
        await Expect(dialog.GetByRole(AriaRole.Row).Last).ToContainTextAsync("Order import");
        await PagesTests.CheckAsync(visitor, "a warning");
        await visitor.ClickAsync("Cancel");
        await Expect(dialog).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));
        await visitor.ClickAsync("Add rule");
        // The dialog takes the focus when it opens. If the button is clicked earlier, the dialog is gone when the request for focus arrives, and
        // the browser logs an error.
        await visitor.Page.WaitForFunctionAsync("() => document.activeElement.closest('[role=dialog]') !== null");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await Expect(Row(visitor, "Office")).ToContainTextAsync("192.0.2.0 – 192.0.2.255 (256 addresses)");
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(portal, key));

        await visitor.ClickAsync("Add current IP");
        await Expect(Row(visitor, "127.0.0.1")).ToContainTextAsync("Ada Reyes");
        await Expect(visitor.Page.GetByText("which the rules allow")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));
        await PagesTests.CheckAsync(visitor, "rules");

        await RemoveAsync(visitor, "127.0.0.1", "No other rule allows your own address");
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(portal, key));
        await RemoveAsync(visitor, "192.0.2.0/24", "This is the last rule for all tokens. Without it, tokens can be used from any address.");
        await Expect(visitor.Heading("No IP rules")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));
        visitor.AssertNoBrowserErrors();
    }

    [Fact]
    public async Task Rule_ForATokenFoundByName_IsAddedAndRemovedByKeyboard()
    {
        var portal = shared.Process;
        await using var visitor = await shared.ArriveAsync(engine, narrow: true);
        await visitor.CreateTokenAsync("Order import");
        var key = await visitor.CopyKeyAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));
        await OpenAsync(visitor, narrow: true);

        await visitor.Page.GetByLabel("Address or range").FillAsync("192.0.2.7");
        var picker = visitor.Page.GetByRole(AriaRole.Combobox, new() { Name = "Only for the token" });
        await picker.FillAsync("order");
        var suggestions = visitor.Page.GetByRole(AriaRole.Listbox);
        await Expect(suggestions.GetByRole(AriaRole.Option)).ToContainTextAsync("Order import");
        await picker.PressAsync("ArrowDown");
        await Expect(suggestions.GetByRole(AriaRole.Option, new() { Selected = true })).ToHaveCountAsync(1);
        await PagesTests.CheckAsync(visitor, "suggestions");
        await picker.PressAsync("Enter");
        await Expect(picker).ToHaveValueAsync("Order import");
        await Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await visitor.ClickAsync("Try without saving");
        await Expect(visitor.Page.GetByText("Addresses: 1, tokens: 1.")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(visitor, "a dry run");
        await visitor.ClickAsync("Add rule");
        await visitor.Page.WaitForFunctionAsync("() => document.activeElement.closest('[role=dialog]') !== null");
        await visitor.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await Expect(visitor.Button("Remove the rule 192.0.2.7")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(portal, key));

        await visitor.Button("Remove the rule 192.0.2.7").PressAsync("Enter");
        await visitor.Page.WaitForFunctionAsync("() => document.activeElement.closest('[role=dialog]') !== null");
        await visitor.Button("Remove").PressAsync("Enter");
        await Expect(visitor.Heading("No IP rules")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "List of IP rules" })).ToBeFocusedAsync();
        visitor.AssertNoBrowserErrors();
    }

    private static async Task OpenAsync(Visitor visitor, bool narrow)
    {
        // The details page shows when the request has reached the database.
        await visitor.ClickAsync("Go to details");
        await Expect(visitor.Page.GetByText("from 127.0.0.1")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        if (narrow)
            await visitor.ClickAsync("Navigation");
        await visitor.Link("IP rules").ClickAsync();
        await Expect(visitor.Heading("No IP rules")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByText("Your address is 127.0.0.1.")).ToBeVisibleAsync();
    }

    private static async Task AddAsync(Visitor visitor, string addresses, string label = "")
    {
        await visitor.Page.GetByLabel("Address or range").FillAsync(addresses);
        await visitor.Page.GetByLabel("Label").FillAsync(label);
        await visitor.ClickAsync("Add rule");
    }

    private static async Task RemoveAsync(Visitor visitor, string written, string warning)
    {
        await visitor.ClickAsync($"Remove the rule {written}");
        await Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(warning);
        await PagesTests.CheckAsync(visitor, $"removal of {written}");
        await visitor.ClickAsync("Remove");
        await Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(Row(visitor, written)).ToHaveCountAsync(0);
    }

    private static ILocator Row(Visitor visitor, string text) => visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    private static async Task<HttpStatusCode> CallAsync(PortalProcess portal, string key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", key);
        using var response = await client.GetAsync("/public/v1/agreements", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
