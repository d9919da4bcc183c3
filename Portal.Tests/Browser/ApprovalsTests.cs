using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Browser;

/// <summary>An Operator requests what the policy names, and an administrator decides; each in their own browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class ApprovalsTests(BrowserEngine engine, SharedPortal shared)
{
    [Fact]
    public async Task Request_NewTokenAndEdit_WaitUntilAnAdministratorApproves()
    {
        await using var ada = await shared.ArriveAsync(engine);
        await using var cleo = await shared.JoinAsync(engine, ada, "Cleo Marsh", "cleo@example.com", "Operator");
        await RequireApprovalAsync(ada);

        await cleo.Page.GotoAsync("tokens/create");
        await cleo.Page.GetByLabel("Name").FillAsync("For the shop");
        foreach (var next in (string[])["90 days", "Zapier", "Billing"])
        {
            await cleo.ClickAsync("Next");
            await cleo.Page.GetByLabel(next).WaitForAsync();
        }

        await cleo.Page.GetByLabel("Billing").CheckAsync();
        await cleo.Page.GetByLabel("Note for administrators").FillAsync("The shop opens in May");
        await PagesTests.CheckAsync(cleo, "wizard that requests");
        await cleo.ClickAsync("Request approval");
        await cleo.Button("Withdraw").WaitForAsync();
        await PagesTests.CheckAsync(cleo, "own request");

        await OpenRequestAsync(ada, "For the shop");
        await Expect(ada.Page.GetByText("The shop opens in May")).ToBeVisibleAsync();
        ada.Looks = [Look.Wide, Look.Narrow, Look.Dark];
        await PagesTests.CheckAsync(ada, "request");
        ada.Looks = [Look.Wide];
        await ada.Page.GetByLabel("Comment").FillAsync("Good luck");
        await ada.ClickAsync("Approve");
        await Expect(ada.Page.GetByText("Good luck")).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ada, "approved request");

        await cleo.Page.ReloadAsync();
        await cleo.Link("Open the token").ClickAsync();
        await cleo.Heading("For the shop").WaitForAsync();
        await Expect(cleo.Button("View").First).ToBeVisibleAsync();

        // An edit, while the token changes otherwise.
        await cleo.CreateTokenAsync("For the office");
        await EditAsync(cleo, () => cleo.Page.GetByLabel("Billing").CheckAsync(), "Request approval");
        await cleo.Button("Withdraw").WaitForAsync();
        await OpenRequestAsync(ada, "For the office");
        await cleo.Page.GotoAsync("tokens");
        await cleo.Link("For the office").ClickAsync();
        await EditAsync(cleo, () => cleo.Page.GetByLabel("Description").FillAsync("Third floor"), "Save changes");
        await cleo.Heading("For the office").WaitForAsync();
        await ada.ClickAsync("Approve");
        await Expect(ada.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The token has changed since you opened this page." })).ToBeVisibleAsync();
        await PagesTests.CheckAsync(ada, "request for a token that has changed");
        await ada.ClickAsync("Approve");
        await ada.Link("Open the token").ClickAsync();
        await Expect(ada.Page.GetByText("Third floor")).ToBeVisibleAsync();
        await ada.Page.GetByRole(AriaRole.Tab, new() { Name = "Permissions" }).ClickAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Tabpanel, new() { Name = "Permissions" })).ToContainTextAsync("Billing");
        await ada.Page.GotoAsync("approvals");
        await ada.Link("For the shop").WaitForAsync();
        await PagesTests.CheckAsync(ada, "requests");
        ada.AssertNoBrowserErrors();
        cleo.AssertNoBrowserErrors();
    }

    private static async Task RequireApprovalAsync(Visitor ada)
    {
        await ada.Page.GotoAsync("policies/EXT-000");
        await ada.Page.GetByLabel("Approval for modules").SelectOptionAsync("For selected modules");
        await ada.Page.GetByLabel("Billing").CheckAsync();
        await PagesTests.CheckAsync(ada, "policy with approval");
        await ada.ClickAsync("Save policy");
        await Expect(ada.Page.GetByText("is saved.")).ToBeVisibleAsync();
    }

    private static async Task OpenRequestAsync(Visitor ada, string token)
    {
        await ada.Page.GotoAsync("approvals");
        await ada.Link(token).ClickAsync();
        await ada.Button("Approve").WaitForAsync();
    }

    private static async Task EditAsync(Visitor cleo, Func<Task> change, string button)
    {
        if (await cleo.Button("Go to details").IsVisibleAsync())
            await cleo.ClickAsync("Go to details");
        await cleo.Link("Edit").ClickAsync();
        await cleo.Page.GetByLabel("Name").WaitForAsync();
        await change();
        await cleo.ClickAsync(button);
    }
}
