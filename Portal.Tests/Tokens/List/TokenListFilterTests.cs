using Bunit;
using Portal.Tests.Support;

namespace Portal.Tests.Tokens.List;

public sealed class TokenListFilterTests : ListTestContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Input_Search_IsAppliedAfterAPauseAndStandsInTheAddress()
    {
        await CreateManyAsync("Shop", "Report");
        var page = Open("/tokens?page=1&sort=name");

        await page.Field("Search").InputAsync("sh");
        await page.Field("Search").InputAsync(" shop ");
        Server.Clock.Advance(Pause / 2);
        Assert.Equal(["Report", "Shop"], Names(page));
        Server.Clock.Advance(Pause);

        page.WaitForAssertion(() => Assert.Equal(["Shop"], Names(page)));
        Assert.Equal("/tokens?q=shop&sort=name", Address);
        Assert.Equal(" shop ", page.Field("Search").GetAttribute("value"));
    }

    [Fact]
    public async Task Input_SearchGoesOn_MakesOneEntryInTheHistory()
    {
        await CreateManyAsync("S", "Sh", "Sho");
        var page = Open("/tokens");
        var before = Navigation.History.Count;

        foreach (var (typed, found) in ((string, int)[])[("s", 3), ("sh", 2), ("sho", 1)])
        {
            await page.InvokeAsync(() => page.Field("Search").InputAsync(typed));
            Server.Clock.Advance(Pause);
            page.WaitForAssertion(() => Assert.Equal(("/tokens?q=" + typed, found), (Address, Names(page).Length)));
        }

        Assert.Equal(before + 1, Navigation.History.Count);
    }

    [Fact]
    public async Task Change_Search_IsAppliedAtOnce()
    {
        await CreateManyAsync("Shop", "Report");
        var page = Open("/tokens");

        await page.Field("Search").InputAsync("rep");
        await page.Field("Search").ChangeAsync("rep");

        Assert.Equal(["Report"], Names(page));
        var entries = Navigation.History.Count;
        Server.Clock.Advance(Pause);
        Assert.Equal(entries, Navigation.History.Count);
    }

    [Theory]
    [InlineData("Status", "Inactive", "/tokens?status=inactive")]
    [InlineData("Extension", "EXT-001", "/tokens?extension=EXT-001")]
    [InlineData("Module", "MD-0003", "/tokens?module=MD-0003")]
    public async Task Change_Filter_NarrowsTheListAndStandsInTheAddress(string filter, string value, string address)
    {
        await CreateManyAsync("Other");
        var found = await Server.CreateAsync(TestTokens.Wanted("Found", TestTokens.Billing) with { ExtensionId = filter == "Extension" ? "EXT-001" : "EXT-000" });
        if (filter == "Status")
            await Server.Tokens.DisableAsync(Server.Operator, found.Handle);
        var page = Open("/tokens");

        await page.Field(filter).ChangeAsync(value);

        Assert.Equal(address, Address);
        Assert.Equal(["Found"], Names(page));
        await page.Field(filter).ChangeAsync("");
        Assert.Equal("/tokens", Address);
        Assert.Equal(2, Names(page).Length);
    }

    [Theory]
    [InlineData("Expires within 30 days", "/tokens?expiring=1", "Ending")]
    [InlineData("Idle for 30 days", "/tokens?idle=1", "Old")]
    public async Task Click_Toggle_NarrowsTheListUntilClickedAgain(string toggle, string address, string found)
    {
        await Server.CreateAsync(TestTokens.Wanted("Old") with { ExpiresAt = null });
        Server.Clock.Advance(TimeSpan.FromDays(31));
        await Server.CreateAsync(days: 5, name: "Ending");
        var page = Open("/tokens");

        await page.Button(toggle).ClickAsync();
        Assert.Equal(address, Address);
        Assert.Equal([found], Names(page));
        Assert.Equal("true", page.Button(toggle).GetAttribute("aria-pressed"));

        await page.Button(toggle).ClickAsync();
        Assert.Equal(("/tokens", 2, "false"), (Address, Names(page).Length, page.Button(toggle).GetAttribute("aria-pressed")));
    }

    [Fact]
    public async Task Change_Filter_LeadsBackToTheFirstPage()
    {
        await CreateManyAsync([.. Enumerable.Range(1, 11).Select(number => $"Token {number}")]);
        var page = Open("/tokens?size=10&page=2");

        await page.Field("Status").ChangeAsync("Active");

        Assert.Equal("/tokens?status=active&size=10", Address);
        Assert.Equal(10, Names(page).Length);
    }

    [Fact]
    public async Task Click_ClearFilters_KeepsOrderAndPageSizeOnly()
    {
        await CreateManyAsync("Shop");
        var page = Open("/tokens?q=shop&status=active&sort=name&size=50");

        await page.Button("Clear filters").ClickAsync();

        Assert.Equal("/tokens?sort=name&size=50", Address);
        Assert.Equal("", page.Field("Search").GetAttribute("value") ?? "");
        Assert.False(page.HasButton("Clear filters"));
    }

    [Fact]
    public async Task Click_ClearFilters_ForgetsWhatIsBeingTyped()
    {
        await CreateManyAsync("Shop");
        var page = Open("/tokens?status=active");
        await page.Field("Search").InputAsync("rep");

        await page.Button("Clear filters").ClickAsync();
        Server.Clock.Advance(Pause);

        Assert.Equal("/tokens", Address);
        Assert.Equal(["Shop"], Names(page));
    }

    [Fact]
    public async Task Click_Pager_TurnsThePages()
    {
        await CreateManyAsync([.. Enumerable.Range(1, 11).Select(number => $"Token {number:00}")]);
        var page = Open("/tokens?sort=name&size=10");
        Assert.True(page.Button("Previous page").HasAttribute("disabled"));

        await page.Button("Next page").ClickAsync();

        Assert.Equal("/tokens?sort=name&page=2&size=10", Address);
        Assert.Equal(["Token 11"], Names(page));
        Assert.Equal("11–11 of 11", page.Find(".pager > span").TextContent);
        Assert.True(page.Button("Next page").HasAttribute("disabled"));

        await page.Find(".pager select").ChangeAsync("25");
        Assert.Equal("/tokens?sort=name", Address);
        Assert.Equal(11, Names(page).Length);
    }

    [Fact]
    public async Task Render_PageBeyondTheLast_ShowsTheLastInItsPlace()
    {
        await CreateManyAsync([.. Enumerable.Range(1, 11).Select(number => $"Token {number:00}")]);

        var page = Open("/tokens?sort=name&page=9&size=10");

        page.WaitForAssertion(() => Assert.Equal(["Token 11"], Names(page)));
        Assert.Equal("/tokens?sort=name&page=2&size=10", Address);
        Assert.DoesNotContain(Navigation.History, entry => entry.Uri.Contains("page=9", StringComparison.Ordinal));
    }

    private async Task CreateManyAsync(params string[] names)
    {
        foreach (var name in names)
            await Server.CreateAsync(TestTokens.Wanted(name));
    }
}
