using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Addresses;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.Statistics;

public sealed class SeenAddressWriterTests
{
    [Fact]
    public async Task Flush_AddressesOfAToken_AreKeptOnceWithTheirLastDay()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        Count(portal, "192.0.2.7");
        Count(portal, "::ffff:192.0.2.7");
        Count(portal, "2001:db8::1");
        await FlushAsync(portal);
        portal.Clock.Advance(TimeSpan.FromDays(1));
        Count(portal, "192.0.2.7");
        Count(portal, "192.0.2.7");
        await FlushAsync(portal);

        var today = DateOnly.FromDateTime(portal.Now);
        Assert.Equal([("192.0.2.7", today), ("2001:db8::1", today.AddDays(-1))], await SeenAsync(portal));
    }

    [Fact]
    public async Task Flush_NotAdmitted_IsNotSeen()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        Count(portal, "192.0.2.7", admitted: false);
        Count(portal, null);
        await FlushAsync(portal);
        Assert.Empty(await SeenAsync(portal));
    }

    [Fact]
    public async Task Flush_SameDayAgain_WritesNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        Count(portal, "192.0.2.7");
        await FlushAsync(portal);
        await portal.ExecuteAsync(RefusingTrigger.On("SeenAddresses"));
        Count(portal, "192.0.2.7");
        await FlushAsync(portal);
    }

    [Fact]
    public async Task Flush_Refused_KeepsCountsAndAddressesTogether()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        await portal.ExecuteAsync(RefusingTrigger.On("SeenAddresses"));
        Count(portal, "192.0.2.7");
        Assert.False(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
        await using (var context = await portal.OpenAsync())
            Assert.Empty(await context.DailyCounts.ToListAsync());
        await portal.ExecuteAsync(RefusingTrigger.Off);
        await FlushAsync(portal);
        Assert.Single(await SeenAsync(portal));
    }

    [Fact]
    public async Task Flush_MoreAddressesThanAreKept_ForgetsTheOldest()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        Count(portal, "203.0.113.1");
        await FlushAsync(portal);
        portal.Clock.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < SeenAddressWriter.MostKept - 1; i++)
            Count(portal, $"192.0.2.{i}");
        await FlushAsync(portal);
        Assert.Contains(await SeenAsync(portal), seen => seen.Address == "203.0.113.1");
        Count(portal, "192.0.2.200");
        await FlushAsync(portal);

        var seen = await SeenAsync(portal);
        Assert.Equal(SeenAddressWriter.MostKept, seen.Count);
        Assert.DoesNotContain(seen, it => it.Address == "203.0.113.1");
    }

    [Fact]
    public async Task Flush_FloodOfAddresses_StaysBounded()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        for (var i = 0; i < 20_000; i++)
            Count(portal, $"2001:db8::{i:x}");
        await FlushAsync(portal);
        Assert.Equal(SeenAddressWriter.MostKept, (await SeenAsync(portal)).Count);
    }

    private static void Count(TestPortal portal, string? address, bool admitted = true) =>
        portal.Services.GetRequiredService<RequestCounters>().Count(
            new CountKey(1, DateOnly.FromDateTime(portal.Now), "MD-0002", 200, ""),
            new Use(1, portal.Now, address is null ? null : IPAddress.Parse(address), "MD-0002"), admitted);

    private static async Task FlushAsync(TestPortal portal) => Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());

    private static async Task<List<(string Address, DateOnly Day)>> SeenAsync(TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        var rows = await context.SeenAddresses.AsNoTracking().OrderBy(seen => seen.Address).ToListAsync();
        return [.. rows.Select(seen => (AddressNumber.ToAddress(seen.Address).ToString(), seen.LastSeenOn))];
    }
}
