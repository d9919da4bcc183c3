using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Notices;
using Portal.Notices.Screen;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Notices;

/// <summary>What people see of notices, and what they can do about them.</summary>
public sealed class NoticePagesTests : PageTestContext
{
    [Fact]
    public async Task Bell_Notices_AreListedUntilTheTokenIsRenewed()
    {
        var handle = (await Server.CreateAsync(40)).Handle;
        SignIn(Server.Operator);
        await Server.Services.GetRequiredService<NoticeWorker>().RunAsync(Xunit.TestContext.Current.CancellationToken);
        Server.Clock.Advance(TimeSpan.FromDays(11));
        await Server.Services.GetRequiredService<NoticeWorker>().RunAsync(Xunit.TestContext.Current.CancellationToken);

        var bell = Render<NoticeBell>();
        bell.WaitForAssertion(() => Assert.Equal("1 notice", bell.Find("button.bell").GetAttribute("aria-label")));
        Assert.Equal("Nightly report expires in 29 days", bell.Find($"a[href='tokens/{handle}']").TextContent);
        await Server.Tokens.RenewAsync(Server.Operator, handle, Server.Now.AddDays(90), cancellation: Xunit.TestContext.Current.CancellationToken);
        var renewed = Render<NoticeBell>();
        renewed.WaitForAssertion(() => Assert.Contains("Nothing needs your attention.", renewed.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task NotMine_Owner_IsRemovedAfterConfirming()
    {
        var handle = (await Server.CreateAsync(TestTokens.Wanted() with { Contact = "USER-operator@example.com" })).Handle;
        SignIn(Server.Operator);
        var page = Render<NotMinePage>(parameters => parameters.Add(page => page.Handle, handle));
        var button = page.WaitForElement("button.mud-button-filled");
        Assert.NotNull((await Server.DetailsAsync(handle)).Owner);
        await button.ClickAsync(new());
        page.WaitForAssertion(() => Assert.EndsWith($"/tokens/{handle}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
        var token = await Server.DetailsAsync(handle);
        Assert.Equal((null, null), (token.Owner, token.Contact));
        Assert.Contains(await Server.AuditAsync(), entry => entry.Action == "token.updated" && entry.Details!.Contains("\"contact\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NotMine_SomeoneElse_ChangesNothing()
    {
        var handle = (await Server.CreateAsync()).Handle;
        SignIn(Server.Viewer);
        var page = Render<NotMinePage>(parameters => parameters.Add(page => page.Handle, handle));
        page.WaitForAssertion(() => Assert.Contains("You are neither the owner nor the contact", page.Markup, StringComparison.Ordinal));
        Assert.IsType<TokenOutcome.Done>(await Server.Tokens.RenounceAsync(Server.Viewer, handle, Xunit.TestContext.Current.CancellationToken));
        Assert.NotNull((await Server.DetailsAsync(handle)).Owner);
    }

    [Fact]
    public async Task Settings_Saved_AreStored()
    {
        SignIn(Server.Administrator);
        var card = Render<NoticeSettingsCard>(parameters => parameters.Add(card => card.Actor, Server.Administrator));
        card.WaitForElement("#notice-digest").Change("Daily");
        card.Find("[aria-labelledby=kind-rate_limited]").Change(false);
        card.Find("[aria-labelledby=notices-all]").Change(true);
        await card.Find("form").SubmitAsync();
        await using var context = await Server.OpenAsync();
        var stored = await context.NoticeSettings.SingleAsync(Xunit.TestContext.Current.CancellationToken);
        Assert.Equal((NoticeDigest.Daily, NoticeKind.RateLimited, true), (stored.Digest, stored.Muted, stored.AllTokens));
    }

    [Fact]
    public async Task Calendar_Address_IsShownOnce()
    {
        SignIn(Server.Operator);
        var card = Render<CalendarCard>(parameters => parameters.Add(card => card.Actor, Server.Operator));
        await card.WaitForElement("button").ClickAsync(new());
        card.WaitForAssertion(() => Assert.Contains("/calendar/", card.Find(".key-value").TextContent, StringComparison.Ordinal));
        var again = Render<CalendarCard>(parameters => parameters.Add(card => card.Actor, Server.Operator));
        again.WaitForAssertion(() => Assert.Contains("Replace address", again.Markup, StringComparison.Ordinal));
        Assert.Empty(again.FindAll(".key-value"));
    }
}
