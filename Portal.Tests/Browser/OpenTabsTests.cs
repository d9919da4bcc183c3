using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Portal.Access;
using Portal.Tests.Components.Circuits;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>Tabs close with the session, say so, and release their memory.</summary>
[Collection(MoreBrowserTests.Name)]
public sealed class OpenTabsTests(BrowserEngine engine, SignedInHost signedIn) : IClassFixture<SignedInHost>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Soon = new() { Timeout = 15_000 };

    [Fact]
    public async Task SignOut_InOneTab_EndsAllOthersOfTheSession()
    {
        var key = await signedIn.Host.CreateTokenAsync();
        var session = await signedIn.SignInAsync();
        await using var browser = await OpenAsync(session);
        await using var copy = await OpenAsync(session);
        await using var other = await OpenAsync();
        var list = await GoAsync(browser, "/tokens", "Tokens");
        var details = await GoAsync(browser, $"/tokens/{key.Handle}", null);
        // With unsaved text: nothing may ask whether to leave.
        var edit = await GoAsync(browser, $"/tokens/{key.Handle}/edit", null);
        await edit.GetByLabel("Name").FillAsync("Changed and not saved");
        var elsewhere = await GoAsync(copy, "/integrations", "General");
        var unconcerned = await GoAsync(other, "/tokens", "Tokens");

        await list.EvaluateAsync("() => document.querySelector('form[action*=logout]').submit()");

        await Expect(list.GetByText("You are signed out.")).ToBeVisibleAsync(Soon);
        foreach (var tab in new[] { details, edit, elsewhere })
            await Expect(tab.GetByText("Your session has ended")).ToBeVisibleAsync(Soon);
        await unconcerned.GetByRole(AriaRole.Link, new() { Name = "IP rules", Exact = true }).ClickAsync();
        await unconcerned.GetByRole(AriaRole.Heading, new() { Name = "IP rules", Exact = true }).WaitForAsync();
        // The page shows the message before it redirects.
        await Expect(edit).ToHaveURLAsync(
            $"{signedIn.Host.Address}login?session=ended&returnUrl={Uri.EscapeDataString($"/tokens/{key.Handle}/edit")}", new PageAssertionsToHaveURLOptions { Timeout = Soon.Timeout });
    }

    [Fact]
    public async Task Lock_ByAnotherProcess_EndsTheTab()
    {
        await using var browser = await OpenAsync();
        var tab = await GoAsync(browser, "/tokens", "Tokens");

        // Longer than this process takes to notice it by itself.
        await using (var context = await signedIn.Host.ContextAsync())
            await context.Users.Where(user => user.Id == signedIn.UserId).ExecuteUpdateAsync(user => user.SetProperty(it => it.LockoutEnd, DateTimeOffset.MaxValue));
        try
        {
            await Expect(tab.GetByText("Your session has ended")).ToBeVisibleAsync(Soon);
        }
        finally
        {
            await using var context = await signedIn.Host.ContextAsync();
            await context.Users.ExecuteUpdateAsync(user => user.SetProperty(it => it.LockoutEnd, (DateTimeOffset?)null));
            signedIn.Host.Services.GetRequiredService<UserChanges>().Publish(signedIn.UserId);
        }
    }

    [Fact]
    public async Task SleepingTab_SessionEndedMeanwhile_SaysSoWhenItWakes()
    {
        var session = await signedIn.SignInAsync();
        await using var browser = await OpenAsync(session);
        var tab = await GoAsync(browser, "/tokens", "Tokens");
        await browser.SetOfflineAsync(true);
        await tab.EvaluateAsync("() => Blazor._internal.forceCloseConnection()");
        await Expect(tab.GetByText("The connection was lost")).ToBeVisibleAsync(Soon);

        await using (var other = await OpenAsync(session))
        {
            var elsewhere = await GoAsync(other, "/tokens", "Tokens");
            await elsewhere.EvaluateAsync("() => document.querySelector('form[action*=logout]').submit()");
            // Closing the browser earlier would cancel the request.
            await Expect(elsewhere.GetByText("You are signed out.")).ToBeVisibleAsync(Soon);
        }

        await browser.SetOfflineAsync(false);

        await Expect(tab.GetByText("Your session has ended")).ToBeVisibleAsync(Soon);
    }

    [Fact]
    public async Task ClosedTabs_GiveTheirMemoryBack()
    {
        engine.SkipInFirefox("Firefox loses some of the messages that a page sends while it is left. Portal then gives up the page after its time limit.");
        var before = signedIn.Circuits.ToHashSet();
        var key = await signedIn.Host.CreateTokenAsync();
        await using var browser = await OpenAsync();
        foreach (var address in new[] { "/tokens", $"/tokens/{key.Handle}", $"/tokens/{key.Handle}?tab=statistics", "/tokens/create", "/integrations/ip-rules" })
            await GoAsync(browser, address, null);
        var opened = signedIn.Circuits.Except(before).ToList();
        Assert.Equal(5, opened.Count);

        foreach (var page in browser.Pages)
            await page.GotoAsync("about:blank");
        // The browser stays open until its disconnect messages have arrived: without one, a circuit waits for its tab to return.
        await Task.WhenAll(opened.Select(circuit => circuit.Closed)).WaitAsync(TimeSpan.FromSeconds(60));

        for (var since = Stopwatch.GetTimestamp();
            opened.Exists(circuit => circuit.Memory.IsAlive) && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(40); await Task.Yield())
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.DoesNotContain(opened, circuit => circuit.Memory.IsAlive);
    }

    /// <param name="session">The cookies of a session; null for a session of its own.</param>
    private async Task<IBrowserContext> OpenAsync(string? session = null)
    {
        var context = await engine.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = signedIn.Host.Address.ToString() });
        session ??= await signedIn.SignInAsync();
        await context.AddCookiesAsync(session.Split("; ").Select(cookie => new Cookie
        {
            Name = cookie[..cookie.IndexOf('=')], Value = cookie[(cookie.IndexOf('=') + 1)..], Url = signedIn.Host.Address.ToString(),
        }));
        return context;
    }

    private static async Task<IPage> GoAsync(IBrowserContext context, string address, string? heading)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("html[data-ready=true]");
        if (heading is not null)
            await page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true }).WaitForAsync();
        return page;
    }
}
