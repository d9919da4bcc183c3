using System.Net;
using Portal.Addresses;
using Portal.Tests.Support;

namespace Portal.Tests.Addresses;

/// <summary>Sets of addresses against a comparison address by address, at the edges of both families too.</summary>
public sealed class AddressSetTests
{
    private static readonly UInt128 FirstIPv4 = AddressNumber.Of(IPAddress.Any), LastIPv4 = AddressNumber.Of(IPAddress.Broadcast);

    /// <summary>Small windows in which ranges lie: the ends of the numbers, both ends of IPv4, and an ordinary network of each family.</summary>
    private static readonly UInt128[] Windows =
        [0, FirstIPv4 - 8, FirstIPv4, LastIPv4 - 15, LastIPv4 + 1, AddressNumber.Of(IPAddress.Parse("192.0.2.0")), AddressNumber.Of(IPAddress.Parse("2001:db8::")), UInt128.MaxValue - 15];

    private static readonly UInt128[] Samples = [.. Windows.SelectMany(window => Enumerable.Range(0, 16).Select(i => window + (UInt128)i)).Distinct()];

    [Fact]
    public void Intersect_RandomSets_ContainsWhatBothContain()
    {
        var random = new SeededRandom();
        for (var round = 0; round < 500; round++)
        {
            var (one, other) = (RandomRanges(random), RandomRanges(random));
            var (ones, others) = (new AddressSet(one), new AddressSet(other));

            var common = ones.Intersect(others);

            foreach (var address in Samples)
                Assert.Equal(one.Exists(range => range.Contains(address)) && other.Exists(range => range.Contains(address)), common.Contains(address));
            Assert.Equal(one.Exists(a => other.Exists(b => Share(a, b))), ones.Overlaps(others));
            Assert.Equal(!ones.Overlaps(others), common.IsEmpty);
        }
    }

    [Fact]
    public void Outside_RandomRanges_ContainsEveryOtherAddress()
    {
        var random = new SeededRandom();
        for (var round = 0; round < 500; round++)
        {
            var range = RandomRange(random);
            var outside = AddressSet.Outside(range);
            foreach (var address in Samples)
                Assert.True(range.Contains(address) != outside.Contains(address), $"{range.WriteShortest()} and {AddressNumber.ToAddress(address)}");
        }
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.0-192.0.2.255", "192.0.2.0/24")]
    [InlineData("192.0.2.1-192.0.2.2", "192.0.2.1-192.0.2.2")]
    [InlineData("192.0.2.1-192.0.2.4", "192.0.2.1-192.0.2.4")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("2001:db8::-2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64")]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.0/24")]
    public void WriteShortest_Range_IsAcceptedAsTheSameRange(string written, string expected)
    {
        Assert.True(AddressRangeFormat.TryParse(written, out var range, out _));
        Assert.Equal(expected, range.WriteShortest());
        Assert.True(AddressRangeFormat.TryParse(expected, out var again, out var fault), fault);
        Assert.Equal(range, again);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.0/24")]
    [InlineData("2001:db8::1:2:3:4", "2001:db8:0:0::/64")]
    public void NetworkOf_Address_IsTheNetworkAroundIt(string address, string network)
    {
        Assert.True(AddressRangeFormat.TryParse(network, out var expected, out _));
        Assert.Equal(expected, AddressRange.NetworkOf(AddressNumber.Of(IPAddress.Parse(address)), 24, 64));
    }

    private static bool Share(AddressRange one, AddressRange other) =>
        one.IsIPv4 == other.IsIPv4 && UInt128.Max(one.First, other.First) <= UInt128.Min(one.Last, other.Last);

    private static List<AddressRange> RandomRanges(SeededRandom random) => [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomRange(random))];

    private static AddressRange RandomRange(SeededRandom random)
    {
        while (true)
        {
            var (first, last) = (Samples[random.Next(Samples.Length)], Samples[random.Next(Samples.Length)]);
            // Mostly short ranges, and some across windows of one family.
            if (random.Next(4) > 0)
                last = first + (UInt128)random.Next(12) is var near && near >= first ? near : first;
            if (first <= last && AddressNumber.IsIPv4(first) == AddressNumber.IsIPv4(last))
                return new AddressRange(first, last);
        }
    }
}
