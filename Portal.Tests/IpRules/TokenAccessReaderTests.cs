using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Addresses;
using Portal.IpRules;
using Portal.Statistics;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules;

/// <summary>From where a token may be used, and the rules that are proposed from its use.</summary>
public sealed class TokenAccessReaderTests
{
    [Fact]
    public async Task Read_OwnRulesAndThoseForAll_AllowsWhatBothAllow()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await UseAsync(portal, shop.Handle, "192.0.2.7", "203.0.113.5");
        Assert.Null((await ReadAsync(portal, shop.Handle))!.Allowed);
        await AddAsync(portal, "192.0.2.0/24");
        await AddAsync(portal, "192.0.2.0-192.0.2.9", shop.Handle);
        await AddAsync(portal, "10.0.0.0/8", shop.Handle);

        var access = (await ReadAsync(portal, shop.Handle))!;

        Assert.Equal(["192.0.2.0-192.0.2.9"], access.Allowed!.Select(range => range.WriteShortest()));
        Assert.Equal((2, 1, false), (access.Own.Count, access.ForAll.Count, access.IsCutOff));
        Assert.Equal([("192.0.2.7", true), ("203.0.113.5", false)], access.Seen.Select(seen => (seen.Address, seen.IsAllowed)));
        Assert.Null(await ReadAsync(portal, "SU-000-000-000"));
        Assert.Null(await portal.Services.GetRequiredService<TokenAccessReader>().ReadAsync(portal.OtherAccountActor, shop.Handle));
    }

    [Fact]
    public async Task Read_NoCommonAddress_IsCutOff()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await AddAsync(portal, "192.0.2.0/24");
        await AddAsync(portal, "192.0.2.7", shop.Handle);
        await portal.ExecuteAsync("UPDATE IpRules SET First = X'00000000000000000000ffff0a000001', Last = X'00000000000000000000ffff0a000001' WHERE TokenId IS NOT NULL");
        Assert.True((await ReadAsync(portal, shop.Handle))!.IsCutOff);
    }

    [Fact]
    public async Task Propose_ForAToken_CoversWhatNoRuleCoversYet()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await UseAsync(portal, shop.Handle, "192.0.2.7", "192.0.2.8", "192.0.2.9", "198.51.100.1", "198.51.100.2", "203.0.113.5", "2001:db8::1", "2001:db8::2", "2001:db8::3");
        await AddAsync(portal, "198.51.100.1", shop.Handle);

        var proposals = (await ProposeAsync(portal, shop.Handle))!;

        Assert.Equal(["192.0.2.0/24", "198.51.100.2", "203.0.113.5", "2001:db8::/64"], proposals.Rules.Select(rule => rule.Addresses));
        Assert.Equal(["192.0.2.7", "192.0.2.8", "192.0.2.9"], proposals.Rules[0].Covered.Select(seen => seen.Address));
        Assert.Equal((9, 0, 0), (proposals.SeenCount, proposals.NotCovered, proposals.RefusedByOthers));
        var done = await portal.Services.GetRequiredService<IpRuleService>().AddAsync(
            portal.Administrator, [.. proposals.Rules.Select(rule => new NewIpRule(null, rule.Addresses, shop.Handle))]);
        Assert.Equal(4, Assert.IsType<IpRuleOutcome.Done>(done).Added.Count);
        Assert.All((await ReadAsync(portal, shop.Handle))!.Seen, seen => Assert.True(seen.IsAllowed));
        Assert.Empty((await ProposeAsync(portal, shop.Handle))!.Rules);
    }

    [Fact]
    public async Task Propose_AddressThatTheRulesForAllRefuse_IsLeftOutAndCounted()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await UseAsync(portal, shop.Handle, "192.0.2.7", "203.0.113.5");
        await AddAsync(portal, "192.0.2.0/24");

        var proposals = (await ProposeAsync(portal, shop.Handle))!;

        Assert.Equal(["192.0.2.7"], proposals.Rules.Select(rule => rule.Addresses));
        Assert.Equal(1, proposals.RefusedByOthers);
    }

    [Fact]
    public async Task Propose_ForAllTokens_MergesTheirAddresses()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (shop, nightly, gone) = (await portal.CreateAsync(name: "Shop"), await portal.CreateAsync(name: "Nightly"), await portal.CreateAsync(name: "Gone"));
        await UseAsync(portal, shop.Handle, "192.0.2.7", "192.0.2.8", "203.0.113.5");
        await UseAsync(portal, nightly.Handle, "192.0.2.9", "203.0.113.5");
        await UseAsync(portal, gone.Handle, "198.51.100.1");
        await portal.Tokens.DeleteAsync(portal.Administrator, gone.Handle);

        Assert.Equal(["192.0.2.0/24", "203.0.113.5"], (await ProposeAsync(portal, null))!.Rules.Select(rule => rule.Addresses));
        Assert.Empty((await portal.Services.GetRequiredService<TokenAccessReader>().ProposeAsync(portal.OtherAccountActor, null))!.Rules);
        await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Services.GetRequiredService<TokenAccessReader>().ProposeAsync(portal.Operator, null));
    }

    [Fact]
    public async Task Propose_LongAgo_DoesNotCount()
    {
        await using var portal = await TestPortal.CreateAsync();
        var shop = await portal.CreateAsync(name: "Shop");
        await UseAsync(portal, shop.Handle, "192.0.2.7");
        portal.Clock.Advance(TimeSpan.FromDays(IpRulePreview.Days));
        Assert.Equal(0, (await ProposeAsync(portal, shop.Handle))!.SeenCount);
        Assert.Empty((await ProposeAsync(portal, null))!.Rules);
    }

    [Fact]
    public void For_RandomAddresses_CoversEachOnceWithAsFewRulesAsAsked()
    {
        var random = new SeededRandom();
        for (var round = 0; round < 300; round++)
        {
            var seen = Enumerable.Range(0, random.Next(0, 60))
                .Select(_ => random.Next(4) == 0 ? $"2001:db8:0:{random.Next(3)}::{random.Next(5)}" : $"192.0.{random.Next(12)}.{random.Next(6)}").Distinct()
                .Select(text => new SeenFrom(AddressNumber.Of(IPAddress.Parse(text)), new DateOnly(2030, 1, 1 + random.Next(20)))).ToList();

            var proposals = IpRuleProposals.For(seen);

            Assert.True(proposals.Rules.Count <= IpRuleProposals.MostRules);
            Assert.Equal(seen.Count, proposals.NotCovered + proposals.Rules.Sum(rule => rule.Covered.Count));
            foreach (var address in seen)
                Assert.True(proposals.Rules.Count(rule => rule.Range.Contains(address.Number)) == (proposals.NotCovered == 0 ? 1 : proposals.Rules.Count(rule => rule.Covered.Contains(address))));
            Assert.All(proposals.Rules, rule => Assert.True(rule.Range.First == rule.Range.Last ? rule.Covered.Count == 1 : rule.Covered.Count >= IpRuleProposals.NetworkFrom));
            // A single address is proposed only if there are fewer than three in its network.
            Assert.All(proposals.Rules.Where(rule => rule.Covered.Count == 1), rule => Assert.InRange(
                seen.Count(address => AddressRange.NetworkOf(rule.Range.First, 24, 64).Contains(address.Number)), 1, 2));
        }
    }

    private static Task<TokenAccess?> ReadAsync(TestPortal portal, string handle) => portal.Services.GetRequiredService<TokenAccessReader>().ReadAsync(portal.Viewer, handle);

    private static Task<IpRuleProposals?> ProposeAsync(TestPortal portal, string? handle) =>
        portal.Services.GetRequiredService<TokenAccessReader>().ProposeAsync(portal.Administrator, handle);

    private static async Task AddAsync(TestPortal portal, string addresses, string? handle = null) => Assert.IsType<IpRuleOutcome.Done>(
        await portal.Services.GetRequiredService<IpRuleService>().AddAsync(portal.Administrator, new NewIpRule(null, addresses, handle)));

    private static async Task UseAsync(TestPortal portal, string handle, params string[] addresses)
    {
        await using var context = await portal.OpenAsync();
        var id = await context.Tokens.Where(token => token.Handle == handle).Select(token => token.Id).SingleAsync();
        foreach (var address in addresses)
            portal.Services.GetRequiredService<RequestCounters>().Count(
                new CountKey(id, DateOnly.FromDateTime(portal.Now), TestTokens.Agreements, 200, ""), new Use(1, portal.Now, IPAddress.Parse(address), TestTokens.Agreements));
        Assert.True(await portal.Services.GetRequiredService<CountWriter>().FlushAsync());
    }
}
