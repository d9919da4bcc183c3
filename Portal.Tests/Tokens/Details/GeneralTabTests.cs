using Bunit;
using Portal.Access;
using Portal.Tests.Support;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

public sealed class GeneralTabTests : PageTestContext
{
    [Fact]
    public async Task Render_Token_ShowsItsFacts()
    {
        var done = await Server.CreateAsync(TestTokens.Wanted() with { ExternalId = "X-1", Description = "Prices" });
        await Server.ExecuteAsync(
            "UPDATE Tokens SET LastUsedAt = '2030-01-15 11:00:00', LastUsedAddress = '192.0.2.7', LastUsedModuleId = 'MD-0002'");

        var tab = Open(done.Handle);

        Assert.Equal((done.Handle, "X-1", "Prices"), (tab.Fact("Handle"), tab.Fact("External ID"), tab.Fact("Description")));
        Assert.Equal(("custom - EXT-000", "Your own integration."), (tab.Fact("Extension"), tab.Fact("Extension description")));
        Assert.EndsWith("by An Operator", tab.Fact("Created"), StringComparison.Ordinal);
        Assert.EndsWith("from 192.0.2.7 on Agreements", tab.Fact("Last used"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_BareToken_ShowsDashesAndNever()
    {
        var tab = Open((await Server.CreateAsync(days: null)).Handle);

        Assert.Equal(("–", "–", "Never", "Never"), (tab.Fact("External ID"), tab.Fact("Description"), tab.Fact("Expiration"), tab.Fact("Last used")));
    }

    [Fact]
    public async Task Render_ExtensionNoLongerOffered_IsNamedAndSaidSo()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync("UPDATE Tokens SET ExtensionId = 'EXT-077', ExtensionName = 'legacy'");

        var tab = Open(handle);

        Assert.Equal(("legacy - EXT-077", "This extension is no longer offered."), (tab.Fact("Extension"), tab.Fact("Extension description")));
    }

    [Theory]
    [InlineData("SU-160-984-311", "Deployments", "tokens/SU-160-984-311", "by the token Deployments")]
    [InlineData("0199f2c1-7d0a-7aaa-8000-000000000001", "Ada Reyes", null, "by Ada Reyes")]
    public async Task Render_ChangedByATokenOrAPerson_LinksToTheToken(string id, string name, string? address, string shown)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync($"UPDATE Tokens SET UpdatedById = '{id}', UpdatedByName = '{name}'");

        var tab = Open(handle);

        Assert.EndsWith(shown, tab.Fact("Updated"), StringComparison.Ordinal);
        Assert.Equal(address, tab.FindAll(".facts a").SingleOrDefault()?.GetAttribute("href"));
    }

    [Fact]
    public async Task Render_TextThatPeopleWrote_HasItsOwnDirectionAndCodesAreNotTranslated()
    {
        var handle = (await Server.CreateAsync(TestTokens.Wanted("تقرير") with { Description = "يومي" })).Handle;

        var page = Open(handle);

        Assert.Equal("تقرير", page.Find("h1 > bdi[dir=auto]").TextContent);
        Assert.Contains("يومي", page.Texts("dd > bdi[dir=auto]"));
        Assert.All(page.FindAll("dd.mono, .key-value"), code => Assert.Equal("no", code.GetAttribute("translate")));
    }

    [Fact]
    public async Task Click_ViewAndHide_ShowsTheKeyMaskedAgain()
    {
        var done = await Server.CreateAsync();
        var tab = Open(done.Handle);
        var masked = tab.Find(".key-value").TextContent;

        await tab.Button("View").ClickAsync();
        Assert.Equal(done.Key!.ToHeaderValue(), tab.Find(".key-value").TextContent);
        Assert.Equal("Hidden again after 30 seconds.", tab.Find(".section > .visually-hidden[role=status]").TextContent);
        Assert.Equal("Hidden in 30 s", tab.Find(".countdown[aria-hidden=true]").TextContent);
        await tab.Button("Hide").ClickAsync();

        Assert.Equal(masked, tab.Find(".key-value").TextContent);
        Assert.Equal($"ApiKey {done.Handle}:…{done.Key.Fingerprint}", masked);
    }

    [Fact]
    public async Task Click_ViewLaterAgain_StaysForThirtySecondsFromThen()
    {
        var done = await Server.CreateAsync();
        var tab = Open(done.Handle);
        await tab.Button("View").ClickAsync();
        await tab.Button("Hide").ClickAsync();
        Server.Clock.Advance(TimeSpan.FromSeconds(20));
        await tab.InvokeAsync(() => tab.Button("View").ClickAsync());

        Server.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(done.Key!.ToHeaderValue(), tab.Find(".key-value").TextContent);
        Server.Clock.Advance(TimeSpan.FromSeconds(10));

        tab.WaitForAssertion(() => Assert.Equal($"ApiKey {done.Handle}:…{done.Key.Fingerprint}", tab.Find(".key-value").TextContent));
    }

    [Fact]
    public async Task Render_KeyWithoutFingerprint_IsHiddenEntirely()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync("UPDATE TokenSecrets SET Fingerprint = NULL");

        Assert.Equal($"ApiKey {handle}:{new string('•', 12)}", Open(handle).Find(".key-value").TextContent);
    }

    [Fact]
    public async Task Click_View_KeyRingIsGone_SaysSoAndOffersToRotate()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.ExecuteAsync("UPDATE TokenSecrets SET Protected = X'00010203'");
        var tab = Open(handle);

        await tab.Button("View").ClickAsync();

        Assert.Contains("can no longer be viewed", tab.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("rotate the token", tab.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.StartsWith($"ApiKey {handle}:…", tab.Find(".key-value").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Click_Copy_BrowserForbidsIt_SaysSoWithoutShowingTheKey()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(false);
        var done = await Server.CreateAsync();
        var tab = Open(done.Handle);

        await tab.Button("Copy").ClickAsync();

        Assert.Equal("The browser doesn't allow this page to use the clipboard. Select the text and copy it manually.", tab.Find("[role=alert]").TextContent);
        Assert.DoesNotContain(done.Key!.ToHeaderValue(), tab.Markup, StringComparison.Ordinal);
        Assert.False(tab.HasButton("Copied"));
    }

    [Fact]
    public async Task Click_CopyAgain_KeyHasEndedSince_NoLongerSaysCopied()
    {
        JSInterop.Setup<bool>("portal.copy", _ => true).SetResult(true);
        var handle = (await Server.CreateAsync()).Handle;
        var tab = Open(handle);
        await tab.Button("Copy").ClickAsync();
        await Server.Tokens.DeleteAsync(Server.Administrator, handle);

        await tab.Button("Copied").ClickAsync();

        Assert.Equal("This key has ended and can no longer be viewed.", tab.Find("[role=alert] p").TextContent);
        Assert.False(tab.HasButton("Copied"));
    }

    private IRenderedComponent<TokenDetailsPage> Open(string handle)
    {
        SignIn(Role.Operator);
        return Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, handle));
    }
}
