using Bunit;
using Portal.Tests.Data;
using Portal.Tests.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.List;

/// <summary>An API key in the list's search or address: it is never used as a search, but its token is found.</summary>
public sealed class PastedKeyTests : ListTestContext
{
    [Fact]
    public async Task Paste_KeyOfAToken_IsDroppedAndTraced()
    {
        var done = await Server.CreateAsync();
        var page = Open("/tokens?q=nightly");

        await page.Field("Search").InputAsync($"curl -H \"Authorization: {done.Key!.ToHeaderValue()}\"");

        page.WaitForAssertion(() => Assert.Contains($"{done.Handle}:…{done.Key.Fingerprint} is the current key of \"Nightly report\", which is active. Requests with it are accepted.", page.Texts(".found-keys span")));
        Assert.Equal("nightly", page.Field("Search").GetAttribute("value"));
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        AssertNowhere(page, done.Key);
        Assert.Equal("/tokens?q=nightly", Address);
        Assert.Equal($"tokens/{done.Handle}", page.Button("Open").GetAttribute("href"));
    }

    [Fact]
    public async Task Disable_FoundKey_AsksFirstAndShowsTheNewState()
    {
        var done = await Server.CreateAsync();
        var page = Open("/tokens");
        await page.Field("Search").InputAsync(done.Key!.ToHeaderValue());
        page.WaitForElement(".found-keys");

        var disabling = page.Button("Disable").ClickAsync();
        WaitForDialog("Disable Nightly report?");
        await Dialogs.Button("Disable").ClickAsync();
        await disabling;

        Assert.Equal(TokenStatus.Inactive, await Server.StatusAsync(done.Handle));
        page.WaitForAssertion(() => Assert.Contains($"{done.Handle}:…{done.Key.Fingerprint} is the current key of \"Nightly report\", which is inactive. Requests with it are refused.", page.Texts(".found-keys span")));
        Assert.False(page.HasButton("Disable"));
        await page.Button("Dismiss").ClickAsync();
        Assert.Empty(page.FindAll(".found-keys"));
    }

    [Theory]
    [InlineData("q")]
    [InlineData("status")]
    [InlineData("extension")]
    [InlineData("anything")]
    public async Task Open_AddressWithAKey_IsReplacedAndTraced(string parameter)
    {
        var done = await Server.CreateAsync();
        var page = Open($"/tokens?sort=name&{parameter}={Uri.EscapeDataString(done.Key!.ToHeaderValue())}");

        page.WaitForElement(".found-keys");
        page.WaitForAssertion(() => Assert.Equal(["Nightly report"], Names(page)));

        Assert.Equal("/tokens?sort=name", Address);
        Assert.True(Navigation.History.First().Options.ReplaceHistoryEntry);
        Assert.Contains("is the current key", page.Find(".found-keys").TextContent, StringComparison.Ordinal);
        AssertNowhere(page, done.Key);
    }

    [Theory]
    [InlineData(SecretTextTests.Secret, "The text contains a secret")]
    [InlineData("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "The text contains a secret")]
    [InlineData(SecretTextTests.Key, "The text contains an API key")]
    public async Task Paste_SecretOfNoToken_IsDroppedAndSaysSo(string text, string title)
    {
        var page = Open("/tokens?status=active");
        await page.Field("Search").InputAsync(text);

        page.WaitForAssertion(() => Assert.Equal(title, page.Find(".found-keys strong").TextContent));
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("/tokens?status=active", Address);
        Assert.Equal("", page.Field("Search").GetAttribute("value") ?? "");
        Assert.False(page.HasButton("Disable"));
    }

    [Fact]
    public async Task Search_ForSomethingElse_RemovesWhatWasFoundBefore()
    {
        await Server.CreateAsync();
        var page = Open("/tokens");
        await page.Field("Search").InputAsync(SecretTextTests.Key);
        page.WaitForElement(".found-keys");

        await page.Field("Search").InputAsync("report");
        Server.Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".found-keys")));
        Assert.Equal("/tokens?q=report", Address);
    }

    [Fact]
    public async Task Type_SearchTooLong_IsKeptInTheFieldAndTold()
    {
        await Server.CreateAsync();
        var page = Open("/tokens");
        var text = new string('x', TokenQuery.LongestSearch + 1);

        await page.Field("Search").InputAsync(text);
        Server.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("Use at most 128 characters. This text has 129 characters.", page.FaultOf("Search"));
        Assert.Equal((text, "/tokens", 1), (page.Field("Search").GetAttribute("value"), Address, Names(page).Length));
    }

    private void AssertNowhere(IRenderedComponent<TokenList> page, ApiKey key)
    {
        var secret = key.ToHeaderValue()[^ApiKey.SecretLength..];
        Assert.DoesNotContain(secret, page.Markup, StringComparison.Ordinal);
        // The first entry is the test's own and represents a link.
        Assert.DoesNotContain(Navigation.History.Reverse().Skip(1), entry => entry.Uri.Contains(secret, StringComparison.Ordinal));
        Assert.DoesNotContain(JSInterop.Invocations, call => call.Arguments.Any(argument => argument is string text && text.Contains(secret, StringComparison.Ordinal)));
    }
}
