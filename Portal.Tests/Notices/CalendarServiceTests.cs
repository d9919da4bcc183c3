using System.Text;
using Ical.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Support;

namespace Portal.Tests.Notices;

/// <summary>The calendar shows the expirations of a user's tokens to whoever knows its address.</summary>
public sealed class CalendarServiceTests
{
    private static readonly Uri Site = new("https://portal.example.com/team/");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_TokensOfTheUser_AreEventsThatMoveWhenTheyAreRenewed()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(90, "Mine; and, more")).Handle;
        await portal.CreateAsync(null, "Perpetual");
        await portal.CreateAsync(TestTokens.Wanted("Nobody's") with { Owner = OwnerChoice.None });
        var code = await RenewAsync(portal);

        var first = await FindAsync(portal, code);
        var expiration = Assert.Single(Calendar.Load(Text(first))!.Events);
        Assert.Equal(($"{handle}@portal", "Mine; and, more expires", TestPortal.Start.AddDays(90)), (expiration.Uid, expiration.Summary, expiration.Start!.AsUtc));
        Assert.Equal($"https://portal.example.com/team/tokens/{handle}", expiration.Url!.AbsoluteUri);
        Assert.Equal(["-P7D", "-P1D"], expiration.Alarms.Select(alarm => alarm.Trigger!.Duration!.Value.ToString()));
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(first!.Tag, (await FindAsync(portal, code))!.Tag);

        await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(300), cancellation: Cancellation);
        var second = await FindAsync(portal, code);
        Assert.NotEqual(first.Tag, second!.Tag);
        Assert.Equal(($"{handle}@portal", portal.Now.AddDays(300)), (Assert.Single(Calendar.Load(Text(second))!.Events).Uid, Calendar.Load(Text(second))!.Events[0]!.Start!.AsUtc));
        await portal.Tokens.DisableAsync(portal.Operator, handle, cancellation: Cancellation);
        Assert.Empty(Calendar.Load(Text(await FindAsync(portal, code)))!.Events);
    }

    [Theory]
    [InlineData("renewed")]
    [InlineData("switched off")]
    [InlineData("disabled user")]
    [InlineData("removed user")]
    public async Task Find_CodeThatEnded_IsUnknown(string end)
    {
        await using var portal = await TestPortal.CreateAsync();
        var code = await RenewAsync(portal);
        Assert.NotNull(await FindAsync(portal, code));
        var calendars = portal.Services.GetRequiredService<CalendarService>();
        await using var context = await portal.OpenAsync();
        var user = await context.Users.SingleAsync(user => user.Id == portal.Operator.Id, Cancellation);
        if (end == "renewed")
            await calendars.RenewAsync(portal.Operator, Cancellation);
        else if (end == "switched off")
            await calendars.EndAsync(portal.Operator, Cancellation);
        else if (end == "disabled user")
            user.LockoutEnd = DateTimeOffset.MaxValue;
        else
            context.Users.Remove(user);
        await context.SaveChangesAsync(Cancellation);
        Assert.Null(await FindAsync(portal, code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("%00ÄAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Find_WrongCode_IsUnknown(string code)
    {
        await using var portal = await TestPortal.CreateAsync();
        await RenewAsync(portal);
        Assert.Null(await FindAsync(portal, code));
    }

    [Fact]
    public async Task Find_AdministratorWhoWantsAll_SeesAllTokens()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(90, "Of an operator");
        await portal.CreateAsync(portal.OtherAccountActor, TestTokens.Wanted("Of another account"));
        var calendars = portal.Services.GetRequiredService<CalendarService>();
        var code = (await calendars.RenewAsync(portal.Administrator, Cancellation)).Split('/', '.')[1];
        Assert.Empty(Calendar.Load(Text(await FindAsync(portal, code)))!.Events);
        var settings = portal.Services.GetRequiredService<NoticeSettingsService>();
        await settings.SaveAsync(portal.Administrator, new NoticeChoice(NoticeDigest.Off, new HashSet<string>(), AllTokens: true), Cancellation);
        Assert.Equal("Of an operator expires", Assert.Single(Calendar.Load(Text(await FindAsync(portal, code)))!.Events).Summary);
        // Only administrators.
        Assert.False((await settings.SaveAsync(portal.Operator, new NoticeChoice(NoticeDigest.Weekly, new HashSet<string> { NoticeKind.RateLimited, "unknown" }, AllTokens: true), Cancellation)).AllTokens);
        Assert.Equal([NoticeKind.RateLimited], (await settings.ReadAsync(portal.Operator, Cancellation)).Muted);
    }

    /// <summary>Only its hash is stored, and the audit log has no part of it.</summary>
    [Fact]
    public async Task Renew_Code_IsStoredNowhere()
    {
        await using var portal = await TestPortal.CreateAsync();
        var code = await RenewAsync(portal);
        await FindAsync(portal, code);
        await using var context = await portal.OpenAsync();
        var feed = await context.CalendarFeeds.SingleAsync(Cancellation);
        Assert.Equal(32, feed.CodeHash.Length);
        Assert.Equal(portal.Now, feed.LastReadAt);
        var entry = (await portal.AuditAsync()).Single(entry => entry.Action == "user.calendar_renewed");
        Assert.Equal((portal.Operator.Id, null), (entry.TargetId, entry.Details));
    }

    private static async Task<string> RenewAsync(TestPortal portal) =>
        (await portal.Services.GetRequiredService<CalendarService>().RenewAsync(portal.Operator, Cancellation)).Split('/', '.')[1];

    private static Task<CalendarFile?> FindAsync(TestPortal portal, string code) => portal.Services.GetRequiredService<CalendarService>().FindAsync(code, Site, Cancellation);

    private static string Text(CalendarFile? file) => Encoding.UTF8.GetString(file!.Content);
}
