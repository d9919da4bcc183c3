using System.Net;
using System.Net.Http.Headers;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>The whole main job, from an empty folder to a refused key.</summary>
[Collection(BrowserTests.Name)]
public sealed class MainJobTests(BrowserEngine engine)
{
    [Fact]
    public async Task FirstRun_CreateUseWatchDisable_TheKeyWorksIsCountedAndIsRefused()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Create token" }).ClickAsync();
        await Expect(ada.Page.GetByLabel("Name")).ToBeFocusedAsync();
        await ada.CreateTokenAsync("Nightly export");
        await ada.ClickAsync("Go to details");

        await ada.Heading("Nightly export").WaitForAsync();
        var key = await ada.CopyKeyAsync();
        Assert.Matches("^ApiKey SU-[0-9]{3}-[0-9]{3}-[0-9]{3}:[0-9a-f]{40}$", key);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(portal, key));

        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        await Expect(ada.Page.GetByText("Last 30 days")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await Expect(ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Group, new() { Name = "Responses by category" })).ToContainTextAsync("1", new() { Timeout = 15_000 });

        await ada.ClickAsync("Actions for Nightly export");
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Menuitem, new() { Name = "Disable" }).ClickAsync();
        await ada.Page.GetByRole(Microsoft.Playwright.AriaRole.Dialog).GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(ada.Page.Locator("dl").First).ToContainTextAsync("Inactive");
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(portal, key));

        ada.AssertNoBrowserErrors();
        Assert.DoesNotContain(key[^40..], string.Join('\n', ada.Requests), StringComparison.Ordinal);
        Assert.DoesNotContain(key[^40..], await StorageAsync(ada), StringComparison.Ordinal);
        Assert.DoesNotContain(key[^40..], portal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", portal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn: Microsoft", portal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ProcessKilledRightAfter_TheKeyStillWorks()
    {
        await using var first = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, first);
        await ada.SetUpAsync(first);
        await ada.CreateTokenAsync("Survivor");
        var key = await ada.CopyKeyAsync();

        await first.KillAsync();
        await using var second = await PortalProcess.StartAsync(first.DataDirectory);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(second, key));
    }

    private static async Task<HttpStatusCode> CallAsync(PortalProcess portal, string key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var response = await client.GetAsync("/public/v1/agreements", Xunit.TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static Task<string> StorageAsync(Visitor visitor) =>
        visitor.Page.EvaluateAsync<string>("() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie");
}
