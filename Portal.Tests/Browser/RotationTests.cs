using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A key is replaced while programs switch to the new one, and then the previous one is ended.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class RotationTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Rotate_WithOverlap_ThePreviousKeyWorksUntilItIsEnded()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Rotated export");
        var first = await ada.CopyKeyAsync();
        await ada.ClickAsync("Go to details");

        await ada.ClickAsync("Actions for Rotated export");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Rotate" }).ClickAsync();
        var dialog = ada.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("After 24 hours").CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await Expect(dialog.GetByText("The previous key works until")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await ada.Button("Copied").WaitForAsync();
        var second = await ada.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        await ada.ClickAsync("Done");
        Assert.Equal(HttpStatusCode.OK, await CallAsync(shared.Process, first));
        await Expect(ada.Heading("Previous API key")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.OK, await CallAsync(shared.Process, second));

        await ada.ClickAsync("End now");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "End now" }).ClickAsync();

        await Expect(ada.Heading("API key")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(shared.Process, first));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(shared.Process, second));
        ada.AssertNoBrowserErrors();
    }

    /// <summary>Otherwise the page scrolls, the menu leaves the screen, and Enter runs an action that nobody sees.</summary>
    [Fact]
    public async Task Menu_KeysThatScroll_LeaveThePageAndTheItem()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Menu by keyboard");
        await ada.ClickAsync("Go to details");
        // The page moves the focus there when it opens.
        await Expect(ada.Heading("Menu by keyboard")).ToBeFocusedAsync();
        await ada.ResizeAsync(1280, 500);
        await ada.Button("Actions for Menu by keyboard").PressAsync("Enter");
        var first = ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Disable" });
        await Expect(first).ToBeFocusedAsync();

        foreach (var key in new[] { "End", "PageDown", "Home", "PageUp", "End" })
            await ada.Page.Keyboard.PressAsync(key);

        await Expect(first).ToBeFocusedAsync();
        await Expect(first).ToBeInViewportAsync();
        Assert.Equal(0, await ada.Page.EvaluateAsync<int>("() => scrollY"));
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Disable Menu by keyboard?");
    }

    /// <summary>At 1366×650, everything is in sight; at 320×256, which is a zoom of 400 %, nothing is covered.</summary>
    [Fact]
    public async Task Dialog_OnALowScreen_TakesItWhole()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Low screen");
        await ada.ClickAsync("Go to details");
        var dialog = ada.Page.Locator(".mud-dialog");
        foreach (var action in new[] { "Renew", "Rotate" })
        {
            await ada.ResizeAsync(1280, 800);
            await ada.ClickAsync("Actions for Low screen");
            await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = action }).ClickAsync();
            var button = ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = action });
            await Expect(button).ToBeVisibleAsync();
            foreach (var (width, height, inSight) in new[] { (1366, 650, true), (320, 256, false) })
            {
                await ada.ResizeAsync(width, height);

                // The browser lays the page out some time after the window has its new size.
                await Expect(dialog).ToHaveJSPropertyAsync("offsetHeight", height);
                var box = (await dialog.BoundingBoxAsync())!;
                Assert.Equal((0f, 0f, (float)width, (float)height), (box.X, box.Y, box.Width, box.Height));
                Assert.Equal(inSight, await dialog.EvaluateAsync<bool>("dialog => dialog.scrollHeight <= dialog.clientHeight"));
                await button.ScrollIntoViewIfNeededAsync();
                await Expect(button).ToBeInViewportAsync(new() { Ratio = 1 });
                Assert.Equal(0, await dialog.EvaluateAsync<int>("dialog => dialog.scrollWidth - dialog.clientWidth"));
            }

            await ada.ClickAsync("Cancel");
        }
    }

    /// <summary>At no width, the message about a disabled token lies over a link or a button.</summary>
    [Fact]
    public async Task Message_AtEachWidth_CoversNoAction()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await ada.CreateTokenAsync("Uncovered");
        await ada.ClickAsync("Go to details");
        await ada.ClickAsync("Actions for Uncovered");
        await ada.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Disable" }).ClickAsync();
        await ada.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        // The focus keeps the message.
        await ada.Button("Undo").FocusAsync();

        foreach (var (width, height) in new[] { (1920, 1000), (1366, 650), (768, 1000), (390, 844), (320, 600) })
        {
            await ada.ResizeAsync(width, height);
            Assert.Equal("", await ada.Page.EvaluateAsync<string>("""
                () => {
                  const message = document.querySelector('.mud-snackbar').getBoundingClientRect();
                  return [...document.querySelectorAll('header :is(a, button), nav a, .page :is(a, button)')].filter(action => {
                    const box = action.getBoundingClientRect();
                    return box.width && box.left < message.right && box.right > message.left && box.top < message.bottom && box.bottom > message.top;
                  }).map(action => action.innerText).join();
                }
                """));
        }

        await ada.ClickAsync("Undo");
        await Expect(ada.Page.Locator("dl").First).ToContainTextAsync("Active");
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
