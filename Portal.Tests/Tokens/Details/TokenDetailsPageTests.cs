using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

public sealed class TokenDetailsPageTests : PageTestContext
{
    [Fact]
    public async Task Render_Token_HeaderTellsWhatItIs()
    {
        var handle = (await Server.CreateAsync()).Handle;

        var page = Open(handle);

        Assert.Equal("Nightly report", page.Find("h1").TextContent);
        Assert.Equal(
            ("Active", "Restricted", "custom - EXT-000", handle), (page.Fact("Status"), page.Fact("Permissions"), page.Fact("Extension"), page.Fact("Handle")));
        Assert.Equal("2030-04-15T12:00:00.0000000Z", page.Find(".headline local-time").GetAttribute("datetime"));
        Assert.Equal($"tokens/{handle}/edit", page.Button("Edit").GetAttribute("href"));
        Assert.Equal(["tokens"], page.FindAll(".breadcrumb a").Select(link => link.GetAttribute("href")));
    }

    [Fact]
    public async Task Render_PerpetualTokenWithAllModules_SaysFullAndNever()
    {
        var done = await Server.CreateAsync(TestTokens.Wanted() with { ExpiresAt = null, Modules = ModuleChoice.All });

        var page = Open(done.Handle);

        Assert.Equal(("Full", "Never"), (page.Fact("Permissions"), page.Fact("Expiration")));
    }

    [Fact]
    public async Task Click_Tabs_ShowTheirPanelsAndStandInTheAddress()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        Assert.Equal(["General", "Statistics", "Permissions", "Activity"], page.Texts("[role=tab]"));
        Assert.Equal(("General", "panel-general"), Selected(page));

        await page.Button("Statistics").ClickAsync();
        Assert.Equal(("Statistics", "panel-statistics"), Selected(page));
        Assert.Equal($"/tokens/{handle}?tab=statistics", Address);
        Assert.Contains("No requests in the last 30 days", page.Find("[role=tabpanel]").TextContent, StringComparison.Ordinal);

        await page.Button("Permissions").ClickAsync();
        Assert.Equal(("Permissions", "panel-permissions"), Selected(page));
        Assert.Equal("All", page.Find("tbody th").Words());

        await page.Button("Activity").ClickAsync();
        Assert.Equal(("Activity", "panel-activity"), Selected(page));
        Assert.Equal("Token created", page.Find("summary").TextContent);

        await page.Button("General").ClickAsync();
        Assert.Equal(("General", "panel-general"), Selected(page));
        Assert.Equal($"/tokens/{handle}", Address);
    }

    [Theory]
    [InlineData("PERMISSIONS", "Permissions")]
    [InlineData("nonsense", "General")]
    public async Task Render_TabInTheAddress_IsOpenIfThereIsSuchATab(string tab, string opened) =>
        Assert.Equal(opened, Selected(Open((await Server.CreateAsync()).Handle, query: "?tab=" + tab)).Tab);

    [Theory]
    [InlineData("SU-000-000-000")]
    [InlineData("SU-16-984-311")]
    [InlineData("nonsense")]
    [InlineData("SU-١٦٠-984-311")]
    public void Render_HandleOfNoToken_SaysSoAndLeadsBack(string handle)
    {
        var page = Open(handle);

        Assert.Equal("No such token", page.Find("h1").TextContent);
        Assert.Equal("tokens", page.Button("Back to Tokens").GetAttribute("href"));
        Assert.Empty(page.FindAll("[role=tab]"));
    }

    [Fact]
    public async Task Render_OtherAccountsToken_IsNoneOfOurs() =>
        Assert.Equal("No such token", Open((await Server.CreateAsync(Server.OtherAccountActor, TestTokens.Wanted("Theirs"))).Handle).Find("h1").TextContent);

    [Fact]
    public async Task Render_TokenThatCreatedOthers_ListsThemAndLeadsToAll()
    {
        var root = (await Server.CreateAsync(name: "Root")).Handle;
        var child = await CreatedTokensTests.ChildAsync(Server, root, "Child");
        for (var number = 0; number < 10; number++)
            await CreatedTokensTests.ChildAsync(Server, root, $"Child {number}");
        await Server.Tokens.DeleteAsync(Server.Administrator, child);

        var page = Open(root);

        Assert.Equal(10, page.FindAll("[aria-labelledby=created-tokens] tbody tr").Count);
        Assert.Equal($"tokens?created-by={root}&deleted=1", page.Button("Show all 11 in the list").GetAttribute("href"));
        Assert.Equal("Expire no later than this token", page.Fact("Tokens it creates"));
    }

    [Fact]
    public async Task Render_TokenThatATokenCreated_LeadsToThat()
    {
        var root = (await Server.CreateAsync(name: "Root")).Handle;
        var child = await CreatedTokensTests.ChildAsync(Server, root, "Child");

        var page = Open(child);

        // As the one that created it, and the one that changed it last.
        Assert.Equal([$"tokens/{root}", $"tokens/{root}"], page.FindAll("dd a").Select(link => link.GetAttribute("href")));
        Assert.Empty(page.FindAll("[aria-labelledby=created-tokens]"));
    }

    [Fact]
    public async Task Render_Viewer_MayLookButNeitherChangeNorSeeKeys()
    {
        var page = Open((await Server.CreateAsync()).Handle, Role.Viewer);

        Assert.False(page.HasButton("Edit"));
        Assert.False(page.HasButton("Actions for Nightly report"));
        Assert.Empty(page.FindAll(".key-line"));
        Assert.Contains("Viewing and copying keys requires the role Operator.", page.Find("[role=tabpanel]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_DeletedToken_CanOnlyBeReadRestoredAndDuplicated()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        var page = Open(handle);

        Assert.Equal("Deleted", page.Fact("Status"));
        Assert.StartsWith("This token was deleted on", page.Find(".note.danger").Words(), StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".key-line"));
        Assert.False(page.HasButton("Edit"));
        Assert.True(page.HasButton("Restore"));
        Assert.Equal(["Restore", "Duplicate"], await OpenMenuAsync(page, "Nightly report"));
        Assert.Equal($"tokens/create?from={handle}", Menus.Find("a[role=menuitem]").GetAttribute("href"));
        Assert.Equal(["General", "Statistics", "Permissions", "Activity"], page.Texts("[role=tab]"));
    }

    [Theory]
    [InlineData(Role.Operator, "Disable", "Rotate", "Renew", "Duplicate")]
    [InlineData(Role.Administrator, "Disable", "Rotate", "Renew", "Duplicate", "Delete")]
    public async Task Click_Menu_OffersWhatTheRoleMayDoWithoutEdit(Role role, params string[] offered) =>
        Assert.Equal(offered, await OpenMenuAsync(Open((await Server.CreateAsync()).Handle, role), "Nightly report"));

    [Fact]
    public async Task Choose_Rotate_TheKeyOnViewIsNotTakenForTheNewOne()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await page.Button("View").ClickAsync();
        var old = page.Find(".key-value").TextContent;
        await OpenMenuAsync(page, "Nightly report");

        Choose("Rotate");
        WaitForDialog("Rotate Nightly report");
        await Dialogs.Button("Rotate").ClickAsync();
        await Dialogs.Button("Done").ClickAsync();

        page.WaitForAssertion(() => Assert.DoesNotContain(old, page.Markup, StringComparison.Ordinal));
        await page.Button("View").ClickAsync();
        Assert.True(await Server.AcceptsAsync(page.Find(".key-value").TextContent.ToApiKey()));
    }

    [Fact]
    public async Task Choose_Delete_ThePageShowsTheRecord()
    {
        var page = Open((await Server.CreateAsync()).Handle);
        await OpenMenuAsync(page, "Nightly report");

        Choose("Delete");
        WaitForDialog("Delete Nightly report?");
        await Dialogs.Button("Delete").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal("Deleted", page.Fact("Status")));
        Assert.False(page.HasButton("Edit"));
    }

    [Fact]
    public async Task Wait_ChangedByAnotherPerson_ThePageFollows()
    {
        var handle = (await Server.CreateAsync()).Handle;
        var page = Open(handle);
        await Server.Tokens.DisableAsync(Server.Operator, handle);

        Server.Clock.Advance(TimeSpan.FromSeconds(3));

        page.WaitForAssertion(() => Assert.Equal("Inactive", page.Fact("Status")));
    }

    [Fact]
    public async Task Wait_OnlyUsedMeanwhile_TheKeyOnViewStays()
    {
        var done = await Server.CreateAsync();
        var page = Open(done.Handle);
        await page.Button("View").ClickAsync();
        await Server.ExecuteAsync("UPDATE Tokens SET LastUsedAt = '2030-01-15 11:00:00', LastUsedAddress = '192.0.2.7'");

        Server.Clock.Advance(TimeSpan.FromSeconds(3));

        page.WaitForAssertion(() => Assert.Contains("192.0.2.7", page.Fact("Last used"), StringComparison.Ordinal));
        Assert.Equal(done.Key!.ToHeaderValue(), page.Find(".key-value").TextContent);
    }

    [Theory]
    [InlineData("", "30d", "Last 30 days")]
    [InlineData("&days=7", "7d", "Last 7 days")]
    [InlineData("&hours=24", "24h", "Last 24 hours")]
    [InlineData("&days=8", "30d", "Last 30 days")]
    public async Task Render_PeriodInTheAddress_IsShown(string query, string selected, string title)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await CountAsync(200);

        var page = Open(handle, query: "?tab=statistics" + query);

        Assert.Equal(title, page.Find(".statistics h2").Words());
        Assert.Equal(selected, page.Find(".statistics input[checked]").GetAttribute("value"));
    }

    [Fact]
    public async Task Choose_Period_StandsInTheAddress()
    {
        var handle = (await Server.CreateAsync()).Handle;
        Server.Clock.Advance(TimeSpan.FromDays(10));
        await CountAsync(200);
        var page = Open(handle, query: "?tab=statistics");

        await page.Find("input[value='24h']").ChangeAsync(new() { Value = "24h" });
        Assert.Equal($"/tokens/{handle}?tab=statistics&hours=24", Address);
        page.WaitForAssertion(() => Assert.Equal("Last 24 hours", page.Find(".statistics h2").Words()));
        await page.Find("input[value='7d']").ChangeAsync(new() { Value = "7d" });
        Assert.Equal($"/tokens/{handle}?tab=statistics&days=7", Address);
        page.WaitForAssertion(() => Assert.Equal(7, page.FindAll(".points tbody tr").Count));
        await page.Find("input[value='30d']").ChangeAsync(new() { Value = "30d" });
        Assert.Equal($"/tokens/{handle}?tab=statistics", Address);
    }

    [Fact]
    public async Task Wait_RequestsMeanwhile_NumbersFollowAndChoicesStay()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await CountAsync(200);
        var page = Open(handle, query: "?tab=statistics");
        await page.FindAll(".totals button")[0].ClickAsync();
        await page.Find("input[value=errors]").ChangeAsync(new() { Value = "errors" });

        await CountAsync(404);
        Server.Clock.Advance(TimeSpan.FromSeconds(3));

        page.WaitForAssertion(() => Assert.Equal("2", page.FindAll(".totals .figure")[0].Words()));
        Assert.Equal("false", page.FindAll(".totals button")[0].GetAttribute("aria-pressed"));
        Assert.Equal(["404"], page.FindAll(".recent tbody td .error").Select(status => status.Words()));
    }

    private async Task CountAsync(int status)
    {
        Server.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(1, DateOnly.FromDateTime(Server.Now), TestTokens.Agreements, status, "") { Hour = (byte)Server.Now.Hour }, new Use(1, Server.Now, null, TestTokens.Agreements),
            served: new ServedRequest("GET", "/public/v1/agreements", TimeSpan.FromMilliseconds(3)));
        Assert.True(await Server.Services.GetRequiredService<CountWriter>().FlushAsync(Xunit.TestContext.Current.CancellationToken));
    }

    private IRenderedComponent<TokenDetailsPage> Open(string handle, Role role = Role.Administrator, string query = "")
    {
        SignIn(role);
        Navigation.NavigateTo($"/tokens/{handle}{query}");
        return Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, handle));
    }

    private static (string Tab, string? Panel) Selected(IRenderedComponent<TokenDetailsPage> page) =>
        (page.Find("[role=tab][aria-selected=true]").Words(), page.Find("[role=tabpanel]").Id);
}
