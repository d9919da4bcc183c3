using Bunit;
using Portal.Access;
using Portal.Components.Layout;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class CommandPaletteTests : PageTestContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    [Theory]
    [InlineData(Role.Viewer, "Tokens", "Deleted tokens", "IP rules", "General", "Your profile")]
    [InlineData(Role.Operator, "Tokens", "Deleted tokens", "IP rules", "General", "Approvals", "Your profile", "Create token")]
    [InlineData(Role.Administrator, "Tokens", "Deleted tokens", "IP rules", "General", "Approvals", "Users", "Audit log", "Webhooks", "Your profile", "Create token", "Check an address")]
    public void Render_NoText_OffersPagesAndTheActionsOfTheRole(Role role, params string[] expected)
    {
        SignIn(role);

        var palette = Open();

        Assert.Equal(expected, palette.Texts(".palette-item span"));
    }

    [Fact]
    public async Task Input_PartOfAName_FindsTokensAndPages()
    {
        SignIn(Role.Viewer);
        var handle = (await Server.CreateAsync(name: "General ledger")).Handle;
        await Server.CreateAsync(name: "Other");
        var palette = Open();

        var searching = palette.Find("input").InputAsync("general");
        Server.Clock.Advance(Pause);
        await searching;

        palette.WaitForAssertion(() => Assert.Equal([$"tokens/{handle}", "integrations"], palette.FindAll("a").Select(item => item.GetAttribute("href"))));
        Assert.Equal("", palette.Find("[role=status]").TextContent);
    }

    [Fact]
    public async Task Input_TextInNamesAndElsewhere_NamesComeFirst()
    {
        SignIn(Role.Viewer);
        foreach (var (name, externalId) in new[] { ("Alpha", "ledger-7"), ("Beta ledger", null), ("Ledger of the north", (string?)null) })
            await Server.CreateAsync(TestTokens.Wanted(name) with { ExternalId = externalId });
        var palette = Open();

        var searching = palette.Find("input").InputAsync("ledger");
        Server.Clock.Advance(Pause);
        await searching;

        palette.WaitForAssertion(() => Assert.Equal(["Ledger of the north", "Beta ledger", "Alpha"], palette.Texts(".palette-item span[dir]")));
    }

    [Fact]
    public async Task Input_Nothing_SaysSo()
    {
        SignIn(Role.Viewer);
        var palette = Open();

        var searching = palette.Find("input").InputAsync("nowhere");
        Server.Clock.Advance(Pause);
        await searching;

        palette.WaitForAssertion(() => Assert.Equal("Nothing found. Check the spelling.", palette.Find("[role=status]").TextContent));
    }

    [Fact]
    public async Task Input_ApiKey_IsRemovedAndItsTokenIsFound()
    {
        SignIn(Role.Viewer);
        var token = await Server.CreateAsync(name: "Leaked");
        var palette = Open();

        await palette.Find("input").InputAsync(token.Key!.ToHeaderValue());

        palette.WaitForAssertion(() => Assert.Equal($"tokens/{token.Handle}", palette.FindAll("a")[0].GetAttribute("href")));
        Assert.Equal("", palette.Find("input").GetAttribute("value"));
        Assert.DoesNotContain(token.Key!.ToHeaderValue().Split(':')[1], palette.Markup, StringComparison.Ordinal);
        Assert.Contains("which was removed", palette.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blur_ResultsAreRemoved()
    {
        SignIn(Role.Viewer);
        var palette = Open();

        await palette.Find("input").BlurAsync();

        Assert.Empty(palette.FindAll("a"));
        Assert.Equal("", palette.Find("[role=status]").TextContent);
    }

    private IRenderedComponent<CommandPalette> Open()
    {
        var palette = Render<CommandPalette>();
        palette.Find("input").Focus();
        return palette;
    }
}
