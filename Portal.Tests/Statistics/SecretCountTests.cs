using Microsoft.Extensions.DependencyInjection;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

/// <summary>The requests of today with each live key.</summary>
public sealed class SecretCountTests
{
    [Fact]
    public async Task Flush_TwoLiveKeys_EachHasItsRequestsOfToday()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.Tokens.RotateAsync(portal.Operator, handle, null, TimeSpan.FromDays(1));
        Assert.Equal("0, 0", await TodayAsync(portal, handle));

        for (var i = 0; i < 3; i++)
            Count(portal, secret: 1, portal.Now);
        Count(portal, secret: 2, portal.Now);
        await FlushAsync(portal);
        Count(portal, secret: 2, portal.Now);
        await FlushAsync(portal);

        Assert.Equal("2, 3", await TodayAsync(portal, handle));
    }

    [Fact]
    public async Task Flush_AnotherDay_StartsAgainAndYesterdaysNoLongerCount()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        Count(portal, 1, portal.Now);
        Count(portal, 1, portal.Now);
        await FlushAsync(portal);

        portal.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("0", await TodayAsync(portal, handle));
        // One that began yesterday ends today, in the same flush or a later one.
        Count(portal, 1, portal.Now.AddDays(-1));
        Count(portal, 1, portal.Now);
        Count(portal, 1, portal.Now.AddDays(-1));
        await FlushAsync(portal);
        Count(portal, 1, portal.Now.AddDays(-1));
        await FlushAsync(portal);

        Assert.Equal("1", await TodayAsync(portal, handle));
        var secret = (await portal.DetailsAsync(handle)).LiveSecrets.Single();
        Assert.Equal(portal.Now, secret.LastUsedAt);
    }

    [Fact]
    public void Add_CountsOfSeveralShards_AreSummedForEachSecret()
    {
        var (batch, counters, at) = (new CountBatch(), new RequestCounters(), new DateTime(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc));
        for (var i = 0; i < 7; i++)
        {
            counters.Count(new CountKey(1, DateOnly.FromDateTime(at), "MD-0002", 200, ""), new Use(1 + i % 3, at, null, "MD-0002"));
            counters.TakeInto(batch);
        }

        Assert.Equal([(1, 3), (2, 2), (3, 2)], batch.Tokens.Single().Secrets.Select(secret => (secret.SecretId, secret.Count)));
    }

    private static void Count(TestPortal portal, long secret, DateTime at) => portal.Services.GetRequiredService<RequestCounters>().Count(
        new CountKey(1, DateOnly.FromDateTime(at), "MD-0002", 200, ""), new Use(secret, at, null, "MD-0002"));

    private static async Task<string> TodayAsync(TestPortal portal, string handle) =>
        string.Join(", ", (await portal.DetailsAsync(handle)).LiveSecrets.Select(secret => secret.RequestsToday));

    private static async Task FlushAsync(TestPortal portal) => Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
}
