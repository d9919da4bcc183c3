using Bunit;
using Portal.Access;
using Portal.Data;
using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

/// <summary>What the tab says about keys that end, are used or were replaced, and about refused requests.</summary>
public sealed class GeneralTabNotesTests : PageTestContext
{
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

    private IRenderedComponent<TokenDetailsPage> Open(string handle)
    {
        SignIn(Role.Operator);
        return Render<TokenDetailsPage>(parameters => parameters.Add(it => it.Handle, handle));
    }
}
