using Bunit;
using Portal.Access;
using Portal.Catalog;
using Portal.Tests.Support;

namespace Portal.Tests.Tokens.List;

public sealed class TokenListTests : ListTestContext
{
    private protected override Action<CatalogOptions>? Catalogue => catalog =>
        catalog.Extensions.Add(new() { Id = "EXT-050", Name = "billing-bot", Title = "Billing bot", Permissions = PermissionRule.Fixed, Modules = { TestTokens.Billing } });

    [Fact]
    public async Task Render_Tokens_EachRowTellsWhatTheTokenIs()
    {
        var done = await Server.CreateAsync(TestTokens.Wanted("Shop", TestTokens.Agreements, TestTokens.Billing));
        await Server.CreateAsync(TestTokens.Wanted("Everything") with { ExtensionId = "EXT-002", ExpiresAt = null });
        await Server.CreateAsync(TestTokens.Wanted("Bot") with { ExtensionId = "EXT-050", ExpiresAt = Server.Now.AddDays(3) });

        var page = Open("/tokens?sort=name");

        Assert.Equal(["Bot", "Everything", "Shop"], Names(page));
        Assert.Equal($"tokens/{done.Handle}", page.Button("Shop").GetAttribute("href"));
        var cells = page.FindAll("tbody tr")[2].Children.Skip(1).Select(PageReading.Words).ToList();
        Assert.Equal(["Shop", done.Handle, "Custom", "Active", "Restricted2 modules"], cells[..5]);
        Assert.EndsWith("An Operator", cells[5], StringComparison.Ordinal);
        Assert.Equal("Never", cells[7]);
        Assert.Equal(["Restricted1 module", "Full", "Restricted2 modules"], page.Texts("[data-label=Permissions]"));
        Assert.Equal(["Expiring", "Active", "Active"], page.Texts(".chip"));
        Assert.Equal("Never", page.Texts("[data-label=Expires]")[1]);
        Assert.Equal("1–3 of 3", page.Find(".pager > span").TextContent);
        Assert.Equal("3 tokens", page.FindAll("[role=status]")[^1].TextContent);
    }

    [Fact]
    public async Task Render_OtherAccountsTokens_AreNotThere()
    {
        await Server.CreateAsync(Server.OtherAccountActor, TestTokens.Wanted("Theirs"));

        Assert.Equal("No tokens yet", Open("/tokens").Find("h2").TextContent);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public void Render_NoTokens_ExplainsAndOffersToCreateOne(Role role, bool offered)
    {
        var page = Open("/tokens", role);

        Assert.Equal("No tokens yet", page.Find("h2").TextContent);
        Assert.Contains("A token lets a program call the API", page.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Equal(offered, page.HasButton("Create token"));
        Assert.Empty(page.FindAll("table, search"));
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public async Task Render_SomeTokens_CreateStandsAtTheTopForWhoMay(Role role, bool offered)
    {
        await Server.CreateAsync();

        var page = Open("/tokens", role);

        Assert.Equal(offered, page.HasButton("Create token"));
        if (offered)
            Assert.Equal("tokens/create", page.Find(".page-header .actions a").GetAttribute("href"));
    }

    [Fact]
    public async Task Render_NothingMatches_SaysSoAndOffersToClearTheFilters()
    {
        await Server.CreateAsync();

        var page = Open("/tokens?q=nowhere");

        Assert.Equal("No token matches", page.Find("h2").TextContent);
        Assert.Equal("tokens", page.Find(".empty a").GetAttribute("href"));
        Assert.Equal("nowhere", page.Field("Search").GetAttribute("value"));
        Assert.Empty(page.FindAll("table, .pager"));
    }

    [Fact]
    public async Task Render_DeletedTokens_AreHiddenUntilAskedFor()
    {
        await Server.CreateAsync(name: "Here");
        await Server.Tokens.DeleteAsync(Server.Administrator, (await Server.CreateAsync(name: "Gone")).Handle);
        var page = Open("/tokens?sort=name");
        Assert.Equal(["Here"], Names(page));

        await page.Button("Show deleted").ClickAsync();

        Assert.Equal("/tokens?deleted=1&sort=name", Address);
        Assert.Equal(["Gone", "Here"], Names(page));
        Assert.Equal(["Deleted", "Active"], page.Texts(".chip"));
        Assert.Equal("true", page.Button("Show deleted").GetAttribute("aria-pressed"));
    }

    [Fact]
    public async Task Render_EveryTokenDeleted_DeletedOnesCanStillBeAskedFor()
    {
        await Server.Tokens.DeleteAsync(Server.Administrator, (await Server.CreateAsync(name: "Gone")).Handle);
        var page = Open("/tokens");
        Assert.Equal("No token matches", page.Find("h2").TextContent);

        await page.Button("Show deleted").ClickAsync();

        Assert.Equal(["Gone"], Names(page));
    }

    [Fact]
    public async Task Click_Header_SortsByItAndThenTheOtherWay()
    {
        await Server.CreateAsync(name: "B");
        await Server.CreateAsync(name: "A");
        var page = Open("/tokens");
        Assert.Equal("descending", Sorted(page, "Created"));
        Assert.Null(Sorted(page, "Name"));

        await Header(page, "Name").ClickAsync();
        Assert.Equal(("/tokens?sort=name", "ascending"), (Address, Sorted(page, "Name")));
        Assert.Equal(["A", "B"], Names(page));
        Assert.Null(Sorted(page, "Created"));

        await Header(page, "Name").ClickAsync();
        Assert.Equal(("/tokens?sort=name&dir=desc", "descending"), (Address, Sorted(page, "Name")));
        Assert.Equal(["B", "A"], Names(page));
    }

    [Fact]
    public async Task Render_Table_EveryColumnCanBeSorted()
    {
        await Server.CreateAsync();

        var page = Open("/tokens");

        Assert.Equal(
            ["Name", "Handle", "Extension", "Status", "Permissions", "Created", "Expires", "Last used"],
            page.FindAll("th[scope=col] > button").Select(button => button.FirstChild!.Words()));
        Assert.Single(page.FindAll("[aria-sort]"));
    }

    [Fact]
    public async Task Navigate_BackToAnEarlierAddress_ListFollows()
    {
        await Server.CreateAsync(name: "Shop");
        await Server.CreateAsync(name: "Report");
        var page = Open("/tokens?q=shop");

        Navigation.NavigateTo("/tokens?q=report");

        page.WaitForAssertion(() => Assert.Equal(["Report"], Names(page)));
        Assert.Equal("report", page.Field("Search").GetAttribute("value"));
    }
}
