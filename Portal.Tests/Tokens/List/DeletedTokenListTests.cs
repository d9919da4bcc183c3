using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.List;

namespace Portal.Tests.Tokens.List;

/// <summary>The page with the deleted tokens, and what is left of a token that was removed.</summary>
public sealed class DeletedTokenListTests : PageTestContext
{
    [Fact]
    public async Task Restore_OnThePage_RemovesTheRow()
    {
        await DeleteAsync("Old shop");
        await DeleteAsync("Old report");
        var page = Open(Role.Administrator);
        page.WaitForAssertion(() => Assert.Equal(["Old report", "Old shop"], page.Texts("tbody .cell-name")));
        Assert.Contains("for 30 days", page.Markup, StringComparison.Ordinal);
        Assert.Equal("An Administrator", page.Texts("tbody .creator")[0]);

        // Ends with the dialog.
        var restoring = page.Find("button[aria-label='Restore Old shop']").ClickAsync(new());
        Dialogs.WaitForAssertion(() => Assert.Equal("Restore Old shop?", Dialogs.Find("h2").Words()));
        await Dialogs.Button("Restore").ClickAsync();
        await restoring;

        page.WaitForAssertion(() => Assert.Equal(["Old report"], page.Texts("tbody .cell-name")));
    }

    [Fact]
    public async Task Search_Key_NeverReachesTheAddress()
    {
        await DeleteAsync("Old shop");
        var page = Open(Role.Viewer);
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Empty(page.FindAll("tbody button"));

        await page.Find("#search").InputAsync($"ApiKey SU-160-984-311:{new string('a', 40)}");

        Assert.Contains("This is an API key", page.Find("#search-fault").Words(), StringComparison.Ordinal);
        Assert.Equal("/tokens/deleted", Address);
        await page.Find("#search").InputAsync("nothing like this");
        await page.Find("#search").ChangeAsync("nothing like this");
        Assert.Equal("/tokens/deleted?q=nothing%20like%20this", Address);
    }

    [Fact]
    public void Render_None_SaysSo()
    {
        var page = Open(Role.Viewer);
        page.WaitForAssertion(() => Assert.Equal("No deleted tokens", page.Find(".empty h2").Words()));
        Assert.Empty(page.FindAll("#search"));
    }

    [Theory]
    [InlineData("a", "2", "50", "tokens/deleted?q=a&page=2&size=50")]
    [InlineData(null, "0", "7", "tokens/deleted")]
    [InlineData("SU-160-984-311:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "-1", "tokens/deleted")]
    public void Address_AnyInput_KeepsWhatIsValid(string? search, string page, string size, string expected) =>
        Assert.Equal(expected, DeletedListAddress.Parse(search, page, size).Write());

    [Fact]
    public async Task Details_OfARemovedToken_ShowWhatTheAuditLogKnows()
    {
        var handle = await DeleteAsync("Old shop");
        Server.Clock.Advance(TimeSpan.FromDays(31));
        await Server.Services.GetRequiredService<DeletedTokenSweep>().SweepAsync(Xunit.TestContext.Current.CancellationToken);
        SignIn(Role.Viewer);
        Navigation.NavigateTo($"/tokens/{handle}");

        var page = Render<TokenDetailsPage>(parameters => parameters.Add(page => page.Handle, handle));

        page.WaitForAssertion(() => Assert.Equal("The token Old shop no longer exists", page.Find("h1").Words()));
        page.WaitForAssertion(() => Assert.Contains("Deleted token removed for good", page.Markup, StringComparison.Ordinal));
    }

    private async Task<string> DeleteAsync(string name)
    {
        var handle = (await Server.CreateAsync(name: name)).Handle;
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        return handle;
    }

    private IRenderedComponent<DeletedTokenList> Open(Role role)
    {
        SignIn(role);
        Navigation.NavigateTo("/tokens/deleted");
        return Render<DeletedTokenList>();
    }
}
