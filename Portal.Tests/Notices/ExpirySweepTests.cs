using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Support;

namespace Portal.Tests.Notices;

/// <summary>Each expiration is announced once at each configured distance, whatever happens to the processes and the clock.</summary>
public sealed class ExpirySweepTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_EachDayOfAToken_AnnouncesEachDistanceOnce()
    {
        await using var it = await NoticePortal.CreateAsync();
        var handle = await it.AddTokenAsync(90);
        // From the day of creation: 29 days, 30 days, and so on.
        foreach (var days in new[] { 0, 29, 1, 1, 29, 16, 7, 6, 1, 1 })
        {
            await it.RunAfterAsync(days);
            await it.Worker.RunAsync(Cancellation);
        }

        Assert.Equal("60, 30, 14, 7, 1, 0", await it.DaysAsync());
        Assert.Equal(
            ["Nightly report expires in 60 days", "Nightly report expires in 30 days", "Nightly report expires in 14 days", "Nightly report expires in 7 days",
                "Nightly report expires tomorrow", "Nightly report has expired"],
            it.Mails.Select(mail => mail.Subject));
        var entries = (await it.Portal.AuditAsync()).Where(entry => entry.Action == "notice.expiring").ToList();
        Assert.Equal(6, entries.Count);
        Assert.All(entries, entry => Assert.Equal(("system", "portal", handle), (entry.ActorKind, entry.ActorId, entry.TargetId)));
        Assert.Contains("\"days\":60", entries[0].Details, StringComparison.Ordinal);
        Assert.Contains("\"expiresAt\":\"2030-04-15T12:00:00Z\"", entries[0].Details, StringComparison.Ordinal);
    }

    /// <summary>People know what they have just chosen.</summary>
    [Theory]
    [InlineData(30, "14, 7, 1, 0")]
    [InlineData(31, "30, 14, 7, 1, 0")]
    [InlineData(7, "1, 0")]
    [InlineData(1, "0")]
    public async Task Run_NewToken_IsNotAnnouncedAtItsCreation(int days, string announced)
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(days);
        await it.RunAfterAsync(0);
        for (var left = days; left >= 0; left--)
            if (left is 30 or 29 or 14 or 7 or 6 or 1 or 0)
                await it.RunAfterAsync(it.Portal.Clock.GetUtcNow() < TestPortal.Start.AddDays(days - left) ? TestPortal.Start.AddDays(days - left) - it.Portal.Now : TimeSpan.FromHours(1));
        Assert.Equal(announced, await it.DaysAsync());
    }

    [Fact]
    public async Task Run_AfterADowntime_SendsOneSummaryWithTheNewestOfEachToken()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(90, "Soon");
        await it.AddTokenAsync(65, "Ended");
        await it.AddTokenAsync(400, "Much later");
        await it.RunAfterAsync(0);
        await it.RunAfterAsync(80);

        Assert.Equal(["0", "14"], (await it.NoticesAsync()).Select(notice => notice.Key.Split(':')[^1]).Order());
        var mail = Assert.Single(it.Mails);
        Assert.Equal("2 notices about your API tokens", mail.Subject);
        Assert.Contains("- Ended has expired", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("- Soon expires in 10 days", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("Much later", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RenewedToken_StartsAgain()
    {
        await using var it = await NoticePortal.CreateAsync();
        var handle = await it.AddTokenAsync(40);
        await it.RunAfterAsync(10);
        await it.Portal.Tokens.RenewAsync(it.Portal.Operator, handle, it.Portal.Now.AddDays(90), cancellation: Cancellation);
        for (var day = 0; day < 80; day += 5)
            await it.RunAfterAsync(5);
        Assert.Equal("30, 60, 30, 14", await it.DaysAsync());
    }

    [Theory]
    [InlineData(StoredStatus.Inactive)]
    [InlineData(StoredStatus.Deleted)]
    [InlineData(StoredStatus.Pending)]
    public async Task Run_TokenThatIsNotActive_IsNotAnnounced(StoredStatus status)
    {
        await using var it = await NoticePortal.CreateAsync();
        var handle = await it.AddTokenAsync(40);
        await it.ChangeAsync(handle, token => (token.Status, token.DeletedAt) = (status, status == StoredStatus.Deleted ? it.Portal.Now : null));
        await it.RunAfterAsync(35);
        Assert.Empty(await it.NoticesAsync());
    }

    [Theory]
    [InlineData("3,2", "3, 2")]
    [InlineData("", "")]
    [InlineData("180,0", "0")]
    public async Task Run_TokenWithDaysOfItsOwn_IsAnnouncedThen(string days, string announced)
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.ChangeAsync(await it.AddTokenAsync(90), token => token.NoticeDays = days);
        foreach (var day in new[] { 0, 60, 27, 1, 1, 1 })
            await it.RunAfterAsync(day);
        Assert.Equal(announced, await it.DaysAsync());
    }

    [Fact]
    public async Task Run_AtTheSameTimeAsOthers_AnnouncesOnce()
    {
        await using var it = await NoticePortal.CreateAsync();
        for (var token = 0; token < 3; token++)
            await it.AddTokenAsync(40, $"Token {token}");
        await it.RunAfterAsync(0);
        it.Portal.Clock.Advance(TimeSpan.FromDays(12));
        var others = Enumerable.Range(0, 4).Select(_ => ActivatorUtilities.CreateInstance<NoticeWorker>(it.Portal.Services)).ToArray();
        await Task.WhenAll(others.Select(other => Task.Run(() => other.RunAsync(Cancellation), Cancellation)));

        Assert.Equal(3, (await it.NoticesAsync()).Count);
        Assert.Single(it.Mails);
    }

    /// <summary>The system clock jumps ahead while the timer stands still.</summary>
    [Fact]
    public async Task Run_MachineThatSleptThroughTheExpiration_AnnouncesTheNewest()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(20);
        await it.RunAfterAsync(5);
        it.Portal.Clock.Skew += TimeSpan.FromDays(16);
        await it.RunAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("0", await it.DaysAsync());
        Assert.Equal("Nightly report has expired", Assert.Single(it.Mails).Subject);
    }

    /// <summary>A clock that is wrong by years announces nothing, and the tokens are announced as usual when it is right again.</summary>
    [Fact]
    public async Task Run_ClockFarAhead_AnnouncesNothingUntilItIsRight()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(20);
        await it.RunAfterAsync(1);
        it.Portal.Clock.Skew = TimeSpan.FromDays(800);
        await it.RunAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(await it.NoticesAsync());
        it.Portal.Clock.Skew = TimeSpan.Zero;
        await it.RunAfterAsync(6);
        Assert.Equal("14", await it.DaysAsync());
    }

    /// <summary>After the correction, moments that were announced aren't repeated, and those of new tokens aren't missed.</summary>
    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    [InlineData(20 * 24)]
    public async Task Run_ClockSetAndCorrected_AnnouncesEachMomentOnce(int hours)
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(40, "Old");
        await it.RunAfterAsync(9);
        it.Portal.Clock.Skew = TimeSpan.FromHours(hours);
        await it.RunAfterAsync(TimeSpan.FromHours(1));
        it.Portal.Clock.Skew = TimeSpan.Zero;
        await it.RunAfterAsync(TimeSpan.FromHours(1));
        await it.AddTokenAsync(32, "New");
        foreach (var days in new[] { 1, 1, 1, 15, 7, 6, 1, 1 })
            await it.RunAfterAsync(days);
        var keys = (await it.NoticesAsync()).Select(notice => notice.Key).ToList();
        Assert.Equal(keys.Distinct(), keys);
        await using var context = await it.Portal.OpenAsync();
        var created = await context.Tokens.SingleAsync(token => token.Name == "New", Cancellation);
        Assert.Equal(["30", "14", "7", "1", "0"], keys.Where(key => key.Split(':')[1] == $"{created.Id}").Select(key => key.Split(':')[^1]));
    }

    [Fact]
    public async Task Run_LeapDay_IsCountedAsADay()
    {
        await using var it = await NoticePortal.CreateAsync();
        // From 15 January 2030 to 2 March 2032, over 29 February 2032.
        await it.AddTokenAsync(777);
        await it.RunAfterAsync(0);
        await it.RunAfterAsync(746);
        Assert.Equal("60", await it.DaysAsync());
        await it.RunAfterAsync(1);
        Assert.Equal("60, 30", await it.DaysAsync());
        Assert.Equal("Nightly report expires in 30 days", it.Mails[^1].Subject);
        Assert.Contains("Mar 2, 2032", it.Mails[^1].TextBody, StringComparison.Ordinal);
    }
}
