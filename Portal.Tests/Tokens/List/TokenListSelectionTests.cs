using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.List;

namespace Portal.Tests.Tokens.List;

public sealed class TokenListSelectionTests : ListTestContext
{
    [Fact]
    public async Task Select_Rows_ShowsTheActionsAndKeepsThemOverPages()
    {
        for (var i = 0; i < 12; i++)
            await Server.CreateAsync(name: $"Token {i:00}");
        var page = Open("/tokens?sort=name&size=10");
        Assert.Empty(page.FindAll(".selection-bar"));

        await CheckAsync(page, "Select Token 03", true);
        await page.Button("Next page").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal(["Token 10", "Token 11"], Names(page)));
        await CheckAsync(page, "Select all tokens on this page", true);

        Assert.Equal("3 selected", page.Find(".selection-bar strong").TextContent);
        Assert.Equal(["Enable", "Disable", "Rotate", "Renew", "Delete", "Restore", "Change owner", "Export"], page.Texts(".selection-actions button"));
        await page.Button("Select all 12 matching").ClickAsync();
        Assert.Equal("12 selected", page.Find(".selection-bar strong").TextContent);
        await page.Button("Clear selection").ClickAsync();
        Assert.Empty(page.FindAll(".selection-bar, tr.marked"));
    }

    [Theory]
    [InlineData(10_000, false)]
    [InlineData(10_001, true)]
    public void Render_SelectionOfAnySize_OffersActionsUpToTheMost(int count, bool isTooMany)
    {
        var bar = Render<SelectionBar>(bar => bar.Add(it => it.Actor, Server.Administrator).Add(it => it.Count, count).Add(it => it.Total, count));

        Assert.All(bar.FindAll(".selection-actions button"), button => Assert.Equal(isTooMany, button.HasAttribute("disabled")));
        Assert.Equal(isTooMany ? ["Actions apply to at most 10,000 tokens at once. You can export any number."] : [], bar.Texts(".hint"));
    }

    [Fact]
    public async Task Select_SomeOfThePage_MarksTheHeading()
    {
        await Server.CreateAsync(name: "One");
        await Server.CreateAsync(name: "Two");
        var page = Open("/tokens");

        await CheckAsync(page, "Select One", true);
        Assert.True(page.Find("thead input").HasAttribute("data-mixed"));
        await CheckAsync(page, "Select Two", true);

        Assert.Equal((false, true), (page.Find("thead input").HasAttribute("data-mixed"), page.Find("thead input").HasAttribute("checked")));
    }

    [Fact]
    public async Task Select_ThenOtherFilter_ForgetsTheSelectionButNotForAnotherOrder()
    {
        await Server.CreateAsync(name: "One");
        await Server.CreateAsync(name: "Two");
        var page = Open("/tokens");
        await CheckAsync(page, "Select One", true);

        await Header(page, "Name").ClickAsync();
        Assert.Single(page.FindAll("tr.marked"));
        await page.Field("Status").ChangeAsync("Active");

        Assert.Equal(2, Names(page).Length);
        Assert.Empty(page.FindAll(".selection-bar, tr.marked"));
    }

    [Theory]
    [InlineData(Role.Viewer, 1)]
    [InlineData(Role.Operator, 6)]
    public async Task Select_Role_SeesOnlyItsActions(Role role, int actions)
    {
        await Server.CreateAsync(name: "One");
        var page = Open("/tokens", role);

        await CheckAsync(page, "Select One", true);

        Assert.Equal(actions, page.FindAll(".selection-actions button").Count);
    }

    [Fact]
    public async Task Refresh_ChangeMadeElsewhere_AppearsAndTheSelectionStays()
    {
        var handle = (await Server.CreateAsync(name: "Mine")).Handle;
        var page = Open("/tokens?sort=name");
        await CheckAsync(page, "Select Mine", true);

        await Server.CreateAsync(name: "Another");
        await Server.Tokens.DisableAsync(Server.Operator, handle);
        await UntilAsync(() =>
        {
            Server.Clock.Advance(TokenList.RefreshInterval);
            return Names(page).Length > 1;
        });

        Assert.Equal(["Another", "Mine"], Names(page));
        Assert.Equal(["Active", "Inactive"], page.Texts(".chip"));
        Assert.Equal("Mine", Assert.Single(page.FindAll("tr.marked")).QuerySelector(".cell-name")!.Words());
    }

    [Fact]
    public async Task ChooseColumns_AreShownAndRemembered()
    {
        await Server.CreateAsync(name: "One");
        var page = Open("/tokens");
        Assert.DoesNotContain("External ID", page.Texts("thead th"));

        await ToggleAsync(page, "Columns");
        await CheckAsync(page, "External ID", true);
        await CheckAsync(page, "Handle", false);

        Assert.Contains("External ID", page.Texts("thead th"));
        Assert.DoesNotContain("Handle", page.Texts("thead th > button"));
        Assert.DoesNotContain("Handle", Render<TokenList>().Texts("thead th > button"));
    }

    [Fact]
    public async Task SaveView_OpensItAgainWithItsColumns()
    {
        await Server.CreateAsync(name: "One");
        var page = Open("/tokens?status=active&sort=name&columns=status");
        Assert.Equal(2, page.FindAll("thead th > button").Count);

        await ToggleAsync(page, "Views");
        await page.Field("Save the current view as").InputAsync("Live ones");
        await page.Find(".drop-form").SubmitAsync();

        Assert.Equal("tokens?status=active&sort=name&columns=status", page.Button("Live ones").GetAttribute("href"));
        await page.Find(".drop-form").SubmitAsync();
        Assert.Equal("Enter a name for the view.", page.Find("#view-fault").TextContent);
        await page.Button("Delete the view Live ones").ClickAsync();
        Assert.Empty(page.FindAll(".drop-list button"));
    }

    private static Task ToggleAsync(IRenderedComponent<TokenList> page, string label) =>
        page.FindAll("details").Single(panel => panel.QuerySelector("summary")!.Words() == label).TriggerEventAsync("ontoggle", EventArgs.Empty);

    private static Task CheckAsync(IRenderedComponent<TokenList> page, string label, bool on) =>
        page.FindAll("input[type=checkbox]").Single(box => (box.GetAttribute("aria-label") ?? box.ParentElement!.Words()) == label).ChangeAsync(on);
}
