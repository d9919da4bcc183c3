using System.Net;
using Portal.Addresses;
using Portal.IpRules;
using Portal.Tests.Support;

namespace Portal.Tests.IpRules;

public sealed class AddressRulesTests
{
    [Fact]
    public void Allow_NoRule_EveryAddress()
    {
        var rules = new AddressRules([]);
        Assert.True(rules.Allow(1, IPAddress.Parse("192.0.2.7")));
        Assert.True(rules.Allow(1, IPAddress.IPv6Loopback));
        Assert.True(rules.Allow(1, (IPAddress?)null));
    }

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.8", false)]
    [InlineData("198.51.100.5", true)]
    [InlineData("198.51.100.25", true)]
    [InlineData("198.51.100.26", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    [InlineData("fe80::1%3", true)]
    public void Allow_RulesOfTheAccount_OnlyTheirAddresses(string address, bool expected)
    {
        var rules = Rules((null, "192.0.2.7"), (null, "198.51.100.20-198.51.100.25"), (null, "198.51.100.5-198.51.100.22"), (null, "2001:db8::/32"), (null, "fe80::/10"));
        Assert.Equal(expected, rules.Allow(1, IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData(1, "192.0.2.7", true)] // both allow
    [InlineData(1, "192.0.2.8", false)] // the token's own does not
    [InlineData(1, "203.0.113.1", false)] // the account's does not
    [InlineData(2, "192.0.2.8", true)] // has none of its own
    public void Allow_RulesOfAToken_HoldBesideThoseOfTheAccount(long token, string address, bool expected)
    {
        var rules = Rules((null, "192.0.2.0/24"), (1, "192.0.2.7"), (1, "203.0.113.1"));
        Assert.Equal(expected, rules.Allow(token, IPAddress.Parse(address)));
    }

    [Fact]
    public void Allow_OnlyRulesOfAToken_OthersAreFree()
    {
        var rules = Rules((1, "192.0.2.7"));
        Assert.False(rules.Allow(1, IPAddress.Parse("192.0.2.8")));
        Assert.True(rules.Allow(2, IPAddress.Parse("192.0.2.8")));
        Assert.True(rules.Allow(2, (IPAddress?)null));
        Assert.False(rules.Allow(1, (IPAddress?)null));
    }

    [Fact]
    public void Allow_UnknownAddress_NotWithRules() => Assert.False(Rules((null, "0.0.0.0/0"), (null, "::/0")).Allow(1, (IPAddress?)null));

    [Fact]
    public void Allow_ManyOverlappingRules_IsWhatAnyOfThemSays()
    {
        // Every pair of bounds within a small space, so that ranges are beside, within and across one another in every way.
        (byte First, byte Last)[] spans = [(3, 5), (4, 9), (5, 5), (6, 7), (11, 11), (12, 14), (20, 30), (21, 22), (23, 40)];
        var rules = Rules([.. spans.Select(span => ((long?)null, $"192.0.2.{span.First}-192.0.2.{span.Last}"))]);
        for (var last = 0; last < 50; last++)
            Assert.Equal(spans.Any(span => last >= span.First && last <= span.Last), rules.Allow(1, IPAddress.Parse($"192.0.2.{last}")));
    }

    [Fact]
    public void Allow_AnyAddress_AllocatesNothing()
    {
        var rules = Rules((null, "192.0.2.0/24"), (1, "192.0.2.7"), (null, "2001:db8::/32"));
        IPAddress[] addresses = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("::ffff:192.0.2.8"), IPAddress.Parse("2001:db8::1")];
        rules.Allow(1, addresses[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var allowed = 0;
        for (var i = 0; i < 999; i++)
            allowed += rules.Allow(1 + i % 2, addresses[i % 3]) ? 1 : 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(allowed, 1, 998);
    }

    [Fact]
    public void CutOff_RandomRules_IsWhetherNoAddressIsAllowed()
    {
        var random = new SeededRandom();
        for (var round = 0; round < 400; round++)
        {
            (long? TokenId, string Text)[] written = [.. Enumerable.Range(0, random.Next(0, 7)).Select(_ =>
            {
                var first = random.Next(0, 12);
                return (random.Next(3) is > 0 and var token ? (long?)token : null, $"192.0.2.{first}-192.0.2.{first + random.Next(0, 4)}");
            })];
            var rules = Rules(written);
            foreach (var token in new long[] { 1, 2, 3 })
            {
                var allowed = Enumerable.Range(0, 16).Where(last => rules.Allow(token, IPAddress.Parse($"192.0.2.{last}"))).ToList();
                Assert.Equal(written.Length > 0 && rules.AddressesOf(token) is not null && allowed.Count == 0, rules.CutOff(token));
                if (rules.AddressesOf(token) is { } addresses)
                    Assert.Equal(allowed, Enumerable.Range(0, 16).Where(last => addresses.Contains(AddressNumber.Of(IPAddress.Parse($"192.0.2.{last}")))));
            }
        }
    }

    [Fact]
    public void CutOff_DifferentFamilies_HaveNothingInCommon()
    {
        Assert.True(Rules((null, "::/0"), (1, "192.0.2.7")).CutOff(1));
        Assert.False(Rules((null, "::/0"), (1, "192.0.2.7"), (1, "2001:db8::1")).CutOff(1));
    }

    private static AddressRules Rules(params (long? TokenId, string Text)[] rules) => new([.. rules.Select(rule =>
    {
        Assert.True(AddressRangeFormat.TryParse(rule.Text, out var range, out var fault), fault);
        return new RuleRange(rule.TokenId, range);
    })]);
}
