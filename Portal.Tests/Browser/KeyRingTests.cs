using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class KeyRingTests(BrowserEngine engine)
{
    [Fact]
    public async Task View_KeyRingIsGone_KeysStillVerifyAndRotateIsOffered()
    {
        await using var first = await PortalProcess.StartAsync();
        await using var ada = await Visitor.ArriveAsync(engine, first);
        await ada.SetUpAsync(first);
        await ada.CreateTokenAsync("Outlives its key ring");
        var key = await ada.CopyKeyAsync();
        // An open tab would delay the stop of the process until its time limit.
        await ada.Page.CloseAsync();
        await first.StopAsync();
        Directory.Delete(Path.Combine(first.DataDirectory, "keys"), recursive: true);

        await using var second = await PortalProcess.StartAsync(first.DataDirectory);
        await using var later = await Visitor.ArriveAsync(engine, second);
        await later.SignInAsync();
        await later.Link("Outlives its key ring").ClickAsync();
        await later.ClickAsync("View");

        await Expect(later.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("can no longer be viewed");
        using var client = new HttpClient { BaseAddress = new Uri(second.Address) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(key);
        using var answer = await client.GetAsync("/public/v1/agreements");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await later.Page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await later.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await later.ClickAsync("Done");
        await Expect(later.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        // The page shows the new key, without any warning.
        await Expect(later.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        // With an overlap, if the call above is counted already, the former key has the same button below it.
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "View", Exact = true }).First.ClickAsync();
        await Expect(later.Page.GetByText("Hidden again after 30 seconds.")).ToBeVisibleAsync();
        later.AssertNoBrowserErrors();
    }
}
