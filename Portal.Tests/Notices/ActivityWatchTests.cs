using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Notices;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Notices;

/// <summary>Unusual use of a token is told once for each kind and day.</summary>
public sealed class ActivityWatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("RETIRED", NoticeKind.RetiredKeyUsed)]
    [InlineData("RATE_001", NoticeKind.RateLimited)]
    [InlineData("AUTH_002", NoticeKind.ExpiredCalled)]
    public async Task Run_RefusedRequests_AreToldOnceADay(string reason, string kind)
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(1);
        await it.RunAfterAsync(1);
        var before = it.Mails.Count;
        for (var day = 0; day < 2; day++)
        {
            await CountAsync(it, reason, 1);
            await it.RunAfterAsync(0);
            await CountAsync(it, reason, 5);
            await it.RunAfterAsync(TimeSpan.FromMinutes(1));
            it.Portal.Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(2, (await it.NoticesAsync()).Count(notice => notice.Kind == kind));
        Assert.Equal(2, it.Mails.Count - before);
        Assert.Contains((await it.Portal.AuditAsync()), entry => entry.Action == "notice." + kind && entry.Details!.Contains("\"requests\":1", StringComparison.Ordinal));
    }

    /// <summary>A key of a disabled token is refused for the same reason as an expired one.</summary>
    [Fact]
    public async Task Run_DisabledToken_IsNotToldAsExpired()
    {
        await using var it = await NoticePortal.CreateAsync();
        var handle = await it.AddTokenAsync(90);
        await it.Portal.Tokens.DisableAsync(it.Portal.Operator, handle, cancellation: Cancellation);
        await CountAsync(it, "AUTH_002", 1);
        await it.RunAfterAsync(0);
        Assert.Empty(await it.NoticesAsync());
    }

    /// <summary>At noon, half of a usual day has passed.</summary>
    [Theory]
    [InlineData(19, 0, false)]
    [InlineData(20, 0, true)]
    [InlineData(29, 20, false)]
    [InlineData(30, 20, true)]
    public async Task Run_MoreRefusalsThanUsual_AreTold(int today, int usual, bool told)
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(90);
        for (var day = 0; day < ActivityWatch.UsualDays; day++)
        {
            if (usual > 0)
                await CountAsync(it, "AUTH_004", usual);
            it.Portal.Clock.Advance(TimeSpan.FromDays(1));
        }

        await CountAsync(it, "AUTH_004", today);
        await it.RunAfterAsync(0);
        Assert.Equal(told, (await it.NoticesAsync()).Any(notice => notice.Kind == NoticeKind.RefusedMore));
    }

    [Fact]
    public async Task Run_UseFromAnotherNetwork_IsToldButNotTheFirstOrANeighbor()
    {
        await using var it = await NoticePortal.CreateAsync();
        await it.AddTokenAsync(90);
        await UseAsync(it, "192.0.2.7");
        await UseAsync(it, "192.0.2.200");
        Assert.Empty(await it.NoticesAsync());
        await UseAsync(it, "198.51.100.7");
        Assert.Equal("Nightly report was used from a new network", Assert.Single(it.Mails).Subject);
        Assert.Contains("198.51.100.7", (await it.Portal.AuditAsync()).Single(entry => entry.Action == "notice.new_network").Details, StringComparison.Ordinal);
        it.Portal.Clock.Advance(TimeSpan.FromDays(1));
        await UseAsync(it, "198.51.100.7");
        Assert.Single(it.Mails);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2", false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", true)]
    [InlineData("192.0.2.1", "192.0.3.1", true)]
    [InlineData("192.0.2.1", "2001:db8::1", true)]
    public void IsNew_AddressOfAKnownNetwork_IsNot(string known, string address, bool isNew) => Assert.Equal(
        isNew, AddressNews.IsNew(Portal.Addresses.AddressNumber.Of(IPAddress.Parse(address)), [Portal.Addresses.AddressNumber.Of(IPAddress.Parse(known))]));

    private static async Task CountAsync(NoticePortal it, string reason, int count)
    {
        await using var context = await it.Portal.OpenAsync();
        var (token, day) = (await context.Tokens.Select(token => token.Id).SingleAsync(Cancellation), DateOnly.FromDateTime(it.Portal.Now));
        if (await context.DailyCounts.SingleOrDefaultAsync(row => row.TokenId == token && row.Day == day, Cancellation) is { } stored)
            stored.Count += count;
        else
            context.DailyCounts.Add(new DailyCount { TokenId = token, Day = day, ModuleId = "", StatusCode = 401, Reason = reason, Count = count });
        await context.SaveChangesAsync(Cancellation);
    }

    private static async Task UseAsync(NoticePortal it, string address)
    {
        await using var context = await it.Portal.OpenAsync();
        var token = await context.Tokens.Select(token => token.Id).SingleAsync(Cancellation);
        it.Portal.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(token, DateOnly.FromDateTime(it.Portal.Now), TestTokens.Agreements, 200, ""), new Use(1, it.Portal.Now, IPAddress.Parse(address), TestTokens.Agreements, "curl"),
            served: new ServedRequest("GET", "/agreements", TimeSpan.FromMilliseconds(3)));
        Assert.True(await it.Portal.Services.GetRequiredService<CountWriter>().FlushAsync(Cancellation));
        await it.RunAfterAsync(TimeSpan.FromMinutes(1));
    }
}
