using Bunit;
using Portal.Access;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
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
    public async Task Render_TwoLiveKeys_EachHasItsOwnPanel()
    {
        var first = await Server.CreateAsync();
        var second = (TokenOutcome.Done)await Server.Tokens.RenewAsync(Server.Operator, first.Handle, Server.Now.AddDays(180));
        await Server.ExecuteAsync(
            "UPDATE TokenSecrets SET LastUsedAt = '2030-01-15 11:00:00', UsedOn = '2030-01-15', UsedCount = 1307 WHERE Id = (SELECT MIN(Id) FROM TokenSecrets)");

        var tab = Open(first.Handle);

        Assert.Equal(["New API key", "Previous API key", "Access"], tab.Texts("h2"));
        Assert.Equal(["Fingerprint", "Created", "Works until", "Last used", "Requests today (UTC)"], tab.FindAll("[aria-labelledby=key-Newest] dt").Select(term => term.TextContent));
        Assert.Equal($"…{second.Key!.Fingerprint}", tab.Find("[aria-labelledby=key-Newest] dd").TextContent);
        Assert.Equal($"…{first.Key!.Fingerprint}", tab.Find("[aria-labelledby=key-Previous] dd").TextContent);
        Assert.Equal(["Not yet", "0"], tab.FindAll("[aria-labelledby=key-Newest] dd").TakeLast(2).Select(PageReading.Words));
        Assert.Equal("1,307", tab.FindAll("[aria-labelledby=key-Previous] dd")[^1].TextContent);
        var times = tab.FindAll(".key-facts local-time").Select(time => time.GetAttribute("datetime"));
        Assert.Equal(
            ["2030-01-15T12:00:00.0000000Z", "2030-07-14T12:00:00.0000000Z", "2030-01-15T12:00:00.0000000Z", "2030-04-15T12:00:00.0000000Z", "2030-01-15T11:00:00.0000000Z"], times);
        await tab.FindAll(".key-line button")[0].ClickAsync();
        // The previous key's, after the menu of the first.
        await tab.FindAll(".key-line button")[3].ClickAsync();
        Assert.Equal([second.Key!.ToHeaderValue(), first.Key!.ToHeaderValue()], tab.Texts(".key-value"));
    }

    [Fact]
    public async Task Click_EndNow_AsksAndEndsThePreviousKey()
    {
        var first = await Server.CreateAsync();
        var second = (TokenOutcome.Done)await Server.Tokens.RotateAsync(Server.Operator, first.Handle, null, TimeSpan.FromDays(1));
        await Server.ExecuteAsync("UPDATE TokenSecrets SET LastUsedAt = '2030-01-15 11:00:00' WHERE Id = (SELECT MIN(Id) FROM TokenSecrets)");
        var tab = Open(first.Handle);
        Assert.StartsWith("The new key hasn't been used yet. The last request with this key was ", tab.Find("[aria-labelledby=key-Previous] .note.warn").Words(), StringComparison.Ordinal);

        tab.Button("End now").Click();
        Assert.Equal("The previous key was last used 1 hour ago.", WaitForDialog("End the previous key of Nightly report?")[^1]);
        await Dialogs.Button("End now").ClickAsync();

        tab.WaitForAssertion(() => Assert.Equal(["API key", "Access"], tab.Texts("h2")));
        Assert.Equal((false, true), (await Server.AcceptsAsync(first.Key!), await Server.AcceptsAsync(second.Key!)));
    }

    [Fact]
    public async Task Render_OnlyTheNewKeyIsUsed_SaysThatThePreviousIsSafeToEnd()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.RotateAsync(Server.Operator, handle, null, TimeSpan.FromDays(1));
        await Server.ExecuteAsync("UPDATE TokenSecrets SET LastUsedAt = '2030-01-15 12:00:00' WHERE Id = (SELECT MAX(Id) FROM TokenSecrets)");

        Assert.Equal("Safe to end: since the new key was created, only the new key has been used.", Open(handle).Find("[aria-labelledby=key-Previous] .note span").Words());
    }

    [Fact]
    public async Task Render_PreviousKeyIsUsedAfterTheRotation_SaysThatItIsStillUsed()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.RotateAsync(Server.Operator, handle, null, TimeSpan.FromDays(1));
        await Server.ExecuteAsync("UPDATE TokenSecrets SET LastUsedAt = '2030-01-15 12:00:00'");

        var tab = Open(handle);

        Assert.StartsWith("Still used: the last request with this key was ", tab.Find("[aria-labelledby=key-Previous] .note.warn").Words(), StringComparison.Ordinal);
        Assert.Equal("2030-01-16T12:00:00.0000000Z", tab.FindAll("[aria-labelledby=key-Previous] .note-lines local-time")[^1].GetAttribute("datetime"));
        Assert.StartsWith("This key works until ", tab.FindAll("[aria-labelledby=key-Previous] .note-lines > span")[^1].Words(), StringComparison.Ordinal);
        Assert.Empty(tab.FindAll("[aria-labelledby=key-Newest] .note"));
    }

    [Fact]
    public async Task Render_NoKeyIsUsed_SaysSo()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.RotateAsync(Server.Operator, handle, null, TimeSpan.FromDays(1));

        Assert.Equal("Neither key has been used yet.", Open(handle).Find("[aria-labelledby=key-Previous] .note span").Words());
    }

    [Theory]
    [InlineData(0, "1,307 requests with a valid key were refused today (UTC). Show requests")]
    [InlineData(6, "1,307 requests in the last 7 days used a retired key of this token. Portal refuses such requests. Show requests")]
    [InlineData(7, null)]
    public async Task Render_RequestsAreRefused_SaysSoAndLeadsToTheRequests(int daysAgo, string? expected)
    {
        var handle = (await Server.CreateAsync()).Handle;
        await using (var context = await Server.OpenAsync())
        {
            context.Add(new DailyCount
            {
                TokenId = context.Tokens.Single().Id, Day = DateOnly.FromDateTime(Server.Now).AddDays(-daysAgo), ModuleId = "MD-0002", StatusCode = 401,
                Reason = daysAgo == 0 ? DailyCount.NotUsable : DailyCount.RetiredKey, Count = 1307,
            });
            await context.SaveChangesAsync();
        }

        var tab = Open(handle);

        Assert.Equal(expected, tab.FindAll(".card-body > .note.warn").SingleOrDefault()?.Words());
        Assert.Equal(expected is null ? null : $"tokens/{handle}?tab=statistics&requests=refused", tab.FindAll(".card-body > .note a").SingleOrDefault()?.GetAttribute("href"));
    }

    [Fact]
    public async Task Render_RetiredKeyIsUsed_TellsWhichKeyFromWhereAndByWhichProgram()
    {
        var first = await Server.CreateAsync();
        await Server.Tokens.RotateAsync(Server.Operator, first.Handle, null);
        await using (var context = await Server.OpenAsync())
        {
            var token = context.Tokens.Single().Id;
            var secret = context.Set<TokenSecret>().Min(secret => secret.Id);
            var today = DateOnly.FromDateTime(Server.Now);
            context.Add(new DailyCount { TokenId = token, Day = today, ModuleId = "MD-0002", StatusCode = 401, Reason = DailyCount.RetiredKey, Count = 2 });
            var request = new RecentRequest(Server.Now.AddMinutes(-3), "GET", "/a", 401, null, "192.0.2.7") { Reason = CountReason.RetiredKey, SecretId = secret, Client = "sync/2.1" };
            context.Add(new RecentRequests
            {
                TokenId = token, LastOn = today, Entries = RecentRequestFormat.Write([request, request with { At = Server.Now.AddMinutes(-9), Address = "192.0.2.8" }]),
            });
            await context.SaveChangesAsync();
        }

        var last = Open(first.Handle).FindAll(".card-body > .note.warn > span")[1];

        Assert.Equal("2030-01-15T11:57:00.0000000Z", last.QuerySelector("local-time")!.GetAttribute("datetime"));
        Assert.EndsWith($"with the key …{first.Key!.Fingerprint} from 192.0.2.7 by sync/2.1", last.Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Click_EnableOfADisabledToken_EnablesIt()
    {
        var handle = (await Server.CreateAsync()).Handle;
        await Server.Tokens.DisableAsync(Server.Administrator, handle);
        var tab = Open(handle);
        Assert.StartsWith("This token is disabled. Portal refuses all requests with its keys.", tab.Find(".note.warn").Words(), StringComparison.Ordinal);

        await tab.Find(".note.warn button").ClickAsync();

        Assert.Empty(tab.FindAll(".note.warn"));
    }

    [Fact]
    public async Task Render_ExpiredToken_SaysWhatToDo()
    {
        var handle = (await Server.CreateAsync(days: 90)).Handle;
        Server.Clock.Advance(TimeSpan.FromDays(90));

        var tab = Open(handle);

        Assert.Equal("This token has no valid key. Renew or rotate it to get a new key.", tab.Find(".note.warn > span").Words());
        Assert.Empty(tab.FindAll(".key-line"));
        tab.Find(".note.warn button").Click();
        Assert.Equal("Creates a new key. The token has no valid key at the moment, so no program is affected.", WaitForDialog("Renew Nightly report")[0]);
        await Dialogs.Button("Cancel").ClickAsync();
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
