using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>A full disk from an administrator's view: the error, the remedy, and no loss of typed text.</summary>
[Collection(BrowserTests.Name)]
public sealed class FullDiskTests(BrowserEngine engine)
{
    private static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 30_000 };

    [Fact]
    public async Task FullDisk_WhileSomebodyLooksAndEdits_TheScreensSaySoAndGoOnByThemselves()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var portal = await PortalProcess.StartAsync(disk.Path);
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        await ada.CreateTokenAsync("Nightly export");
        await ada.ClickAsync("Go to details");
        await ada.Heading("Nightly export").WaitForAsync();
        await using var callers = new Callers(portal.Address, await ada.CopyKeyAsync(), count: 1);
        callers.Start();
        await callers.ReceivedAsync(10);

        disk.Fill();
        await portal.WaitForOutputAsync("Statistics could not be written");
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Statistics are paused", Patient);
        await ada.Link("Edit").ClickAsync();
        await ada.Page.GetByLabel("Description").FillAsync("Typed on a full disk");
        await ada.Heading("What will change").WaitForAsync();
        await ada.ClickAsync("Save changes");
        var failure = ada.Page.GetByRole(AriaRole.Alert);
        await Expect(failure).ToContainTextAsync("is full, so nothing was saved", Patient);
        await Expect(failure).ToBeInViewportAsync();
        await Expect(ada.Page.GetByLabel("Description")).ToHaveValueAsync("Typed on a full disk");

        disk.Free();
        await portal.WaitForOutputAsync("Statistics are written again");
        await ada.ClickAsync("Save changes");
        await ada.Heading("Nightly export").WaitForAsync();
        await Expect(ada.Page.GetByText("Typed on a full disk")).ToBeVisibleAsync();
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Statistics" }).ClickAsync();
        await ada.Page.GetByText("Last 30 days").WaitForAsync();
        await Expect(ada.Page.GetByText("Statistics are paused")).ToHaveCountAsync(0);
        ada.AssertNoBrowserErrors();
        Assert.DoesNotContain("An error occurred using a transaction", portal.Output, StringComparison.Ordinal);
    }

    /// <summary>The key can't be shown later: once it is created, the administrator must get it even if the disk is full.</summary>
    [Fact]
    public async Task FullDisk_WhileAKeyIsMade_TheKeyIsNeverLost()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var portal = await PortalProcess.StartAsync(disk.Path, environment: new Dictionary<string, string> { ["Tokens__Reveal"] = "Once" });
        await using var ada = await Visitor.ArriveAsync(engine, portal);
        await ada.SetUpAsync(portal);
        await ada.Page.GotoAsync("/tokens/create");
        await ada.Page.GetByLabel("Name").FillAsync("Nightly export");
        foreach (var next in (string[])["90 days", "Zapier", "Agreements"])
        {
            await ada.ClickAsync("Next");
            await ada.Page.GetByLabel(next).WaitForAsync();
        }

        await ada.Page.GetByLabel("Agreements").CheckAsync();
        disk.Fill();
        await ada.ClickAsync("Create");
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is full, so nothing was saved", Patient);
        await Expect(ada.Page.GetByLabel("Agreements")).ToBeCheckedAsync();
        disk.Free();
        await ada.ClickAsync("Create");
        await ada.Button("Go to details").WaitForAsync();
        disk.Fill();
        await ada.ClickAsync("View");
        await ada.Button("Hide").WaitForAsync();
        var shown = await ada.Page.Locator(".key-value").TextContentAsync();
        Assert.Matches("^ApiKey SU-[0-9-]{11}:[0-9a-f]{40}$", shown);
        Assert.Equal(shown, await ada.CopyKeyAsync());

        disk.Free();
        await ada.ClickAsync("Go to details");
        await ada.Heading("Nightly export").WaitForAsync();
        await ada.ClickAsync("View");
        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("shown only once");
        ada.AssertNoBrowserErrors();
    }
}
