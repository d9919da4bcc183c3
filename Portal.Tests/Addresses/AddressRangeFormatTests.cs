using Portal.Addresses;

namespace Portal.Tests.Addresses;

public sealed class AddressRangeFormatTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7")]
    [InlineData("  192.0.2.7\t", "192.0.2.7", "192.0.2.7")]
    [InlineData("0.0.0.0", "0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255", "255.255.255.255")]
    [InlineData("192.0.2.10-192.0.2.20", "192.0.2.10", "192.0.2.20")]
    [InlineData("192.0.2.10 - 192.0.2.20", "192.0.2.10", "192.0.2.20")]
    [InlineData("192.0.2.10–192.0.2.20", "192.0.2.10", "192.0.2.20")]
    [InlineData("192.0.2.10-192.0.2.10", "192.0.2.10", "192.0.2.10")]
    [InlineData("0.0.0.0-255.255.255.255", "0.0.0.0", "255.255.255.255")]
    [InlineData("192.0.2.0/24", "192.0.2.0", "192.0.2.255")]
    [InlineData("192.0.2.7/32", "192.0.2.7", "192.0.2.7")]
    [InlineData("128.0.0.0/1", "128.0.0.0", "255.255.255.255")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("2001:db8::7", "2001:db8::7", "2001:db8::7")]
    [InlineData("2001:DB8:0:0:0:0:0:7", "2001:db8::7", "2001:db8::7")]
    [InlineData("::", "::", "::")]
    [InlineData("::1", "::1", "::1")]
    [InlineData("2001:db8::10-2001:db8::20", "2001:db8::10", "2001:db8::20")]
    [InlineData("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::7/128", "2001:db8::7", "2001:db8::7")]
    [InlineData("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("8000::/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:c000:207", "192.0.2.7", "192.0.2.7")]
    [InlineData("::FFFF:192.0.2.10-192.0.2.20", "192.0.2.10", "192.0.2.20")]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.0", "192.0.2.255")]
    [InlineData("::ffff:0:0/96", "0.0.0.0", "255.255.255.255")]
    [InlineData("64:ff9b::192.0.2.7", "64:ff9b::c000:207", "64:ff9b::c000:207")]
    public void Parse_GoodText_IsItsFirstAndLastAddress(string text, string first, string last)
    {
        Assert.True(AddressRangeFormat.TryParse(text, out var range, out var fault), fault);
        Assert.Equal((first, last), range.Write());
        Assert.Empty(fault);
    }

    [Theory]
    [InlineData(null, "Enter an address or a range.")]
    [InlineData("", "Enter an address or a range.")]
    [InlineData(" \t ", "Enter an address or a range.")]
    [InlineData("192.0.2", "\"192.0.2\" is not an address.")]
    [InlineData("10.1", "\"10.1\" is not an address.")]
    [InlineData("3221225991", "\"3221225991\" is not an address.")]
    [InlineData("1.2.3.4.5", "is not an address.")]
    [InlineData("192.0..7", "is not an address.")]
    [InlineData("192.0.2.256", "\"256\" is too large. Each part of an IPv4 address must be from 0 to 255.")]
    [InlineData("192.0.2.99999999999999999999", "is too large")]
    [InlineData("192.0.02.7", "\"02\" starts with a zero")]
    [InlineData("010.0.0.1", "\"010\" starts with a zero, which some programs read as octal.")]
    [InlineData("192.0.2.00", "\"00\" starts with a zero")]
    [InlineData("0x0a.0.0.1", "Names are not supported")]
    [InlineData("+1.2.3.4", "\"+1.2.3.4\" is not an address.")]
    [InlineData("192.0.2. 7", "There is a space in")]
    [InlineData("192.0.2.7 192.0.2.8", "There is a space in")]
    [InlineData("192.0.2.7\u00a0192.0.2.8", "There is a space in")]
    [InlineData("192.0.2.0 /24", "There is a space in")]
    [InlineData("192.0.2.7,192.0.2.8", "Add one address or range at a time.")]
    [InlineData("192.0.2.7; 192.0.2.8", "Add one address or range at a time.")]
    [InlineData("١٩٢.0.2.7", "\"١\" can't be part of an address. Use the digits 0 to 9.")]
    [InlineData("192.0.2.７", "\"７\" can't be part of an address.")]
    [InlineData("192。0.2.7", "\"。\" can't be part of an address.")]
    [InlineData("192.0.2.7\u200b", "can't be part of an address.")]
    [InlineData("😀", "\"😀\" can't be part of an address.")]
    [InlineData("192.0.2\0.7", "control character")]
    [InlineData("localhost", "Names are not supported.")]
    [InlineData("api.example.com", "Names are not supported")]
    [InlineData("https://192.0.2.7", "Names are not supported")]
    [InlineData("192.0.2.7:443", "looks like an address with a port")]
    [InlineData("[2001:db8::7]:443", "without brackets and port")]
    [InlineData("192.0.2.*", "Wildcards are not supported.")]
    [InlineData("fe80::1%eth0", "A zone (after %) is valid only on one machine")]
    [InlineData("fe80::1%2", "A zone")]
    [InlineData("2001:db8:::7", "is not an IPv6 address.")]
    [InlineData("1::2::3", "is not an IPv6 address.")]
    [InlineData("2001:db8::12345", "is not an IPv6 address.")]
    [InlineData("1:2:3:4:5:6:7", "is not an IPv6 address.")]
    [InlineData("1:2:3:4:5:6:7:8:9", "is not an IPv6 address.")]
    [InlineData("::ffff:192.0.2.256", "\"256\" is too large")]
    [InlineData("::ffff:192.0.02.7", "starts with a zero")]
    [InlineData(":", "is not an IPv6 address.")]
    [InlineData("192.0.2.20-192.0.2.10", "The range ends before it begins. Did you mean 192.0.2.10-192.0.2.20?")]
    [InlineData("2001:db8::2-2001:db8::1", "The range ends before it begins.")]
    [InlineData("192.0.2.10-2001:db8::1", "Both ends of a range must be of the same kind, IPv4 or IPv6.")]
    [InlineData("::1-192.0.2.1", "Both ends of a range must be of the same kind, IPv4 or IPv6.")]
    [InlineData("192.0.2.10-", "needs an address on both sides")]
    [InlineData("-192.0.2.10", "needs an address on both sides")]
    [InlineData("192.0.2.1-192.0.2.2-192.0.2.3", "is not an address.")]
    [InlineData("192.0.2.10-20", "\"20\" is not an address.")]
    [InlineData("192.0.2.0/24-192.0.3.0/24", "both a hyphen and a slash")]
    [InlineData("192.0.2.7/24", "No network of this size starts at 192.0.2.7. Enter 192.0.2.0/24 for 192.0.2.0 – 192.0.2.255 (256 addresses), or 192.0.2.7 for the single address.")]
    [InlineData("2001:db8::7/64", "Enter 2001:db8::/64 for 2001:db8:: – 2001:db8::ffff:ffff:ffff:ffff (2^64 addresses)")]
    [InlineData("::ffff:192.0.2.7/120", "Enter 192.0.2.0/24 for")]
    [InlineData("192.0.2.0/33", "The prefix /33 is longer than the address. It can be /0 to /32.")]
    [InlineData("2001:db8::/129", "It can be /0 to /128.")]
    [InlineData("192.0.2.0/", "must be a whole number from 0 to 32")]
    [InlineData("192.0.2.0/08", "must be a whole number from 0 to 32")]
    [InlineData("192.0.2.0/255.255.255.0", "must be a whole number from 0 to 32")]
    [InlineData("192.0.2.0/24/8", "must be a whole number from 0 to 32")]
    [InlineData("2001:db8::/-1", "both a hyphen and a slash")]
    [InlineData("::ffff:0:0/95", "exceeds the IPv4 address range")]
    [InlineData("/24", "is not an address.")]
    public void Parse_BadText_SaysWhatIsWrong(string? text, string expected)
    {
        Assert.False(AddressRangeFormat.TryParse(text, out _, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OverLongText_TellsItsLengthAndRepeatsNoneOfIt()
    {
        Assert.False(AddressRangeFormat.TryParse(new string('1', 10_000), out _, out var fault));
        Assert.Equal("This text has 10000 characters, but the limit is 100. Add one address or range at a time.", fault);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.10-192.0.2.11", "192.0.2.10 – 192.0.2.11 (2 addresses)")]
    [InlineData("10.0.0.0/8", "10.0.0.0 – 10.255.255.255 (16,777,216 addresses)")]
    [InlineData("2001:db8::/64", "2001:db8:: – 2001:db8::ffff:ffff:ffff:ffff (2^64 addresses)")]
    [InlineData("::/0", ":: – ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff (2^128 addresses)")]
    [InlineData("2001:db8::-2001:db8:0:1::", "2001:db8:: – 2001:db8:0:1:: (more than 2^64 addresses)")]
    public void Describe_EachSize_IsReadable(string text, string expected)
    {
        Assert.True(AddressRangeFormat.TryParse(text, out var range, out var fault), fault);
        Assert.Equal(expected, range.Describe());
    }

    [Theory]
    [InlineData("::/0", "192.0.2.7", false)]
    [InlineData("::/0", "2001:db8::7", true)]
    [InlineData("0.0.0.0/0", "192.0.2.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::7", false)]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.0/24", "192.0.1.255", false)]
    public void Contains_AddressOfEitherFamily_OnlyThoseOfItsOwn(string text, string address, bool expected)
    {
        Assert.True(AddressRangeFormat.TryParse(text, out var range, out _));
        Assert.Equal(expected, range.Contains(AddressNumber.Of(System.Net.IPAddress.Parse(address))));
    }
}
