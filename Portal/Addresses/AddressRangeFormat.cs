using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portal.Data;

namespace Portal.Addresses;

/// <summary>Parses addresses that users enter: one (<c>192.0.2.7</c>), from–to (<c>192.0.2.10-192.0.2.20</c>), or a network
/// (<c>192.0.2.0/24</c>), of IPv4 or IPv6.</summary>
/// <remarks>
/// Strict, because a rule that is misunderstood allows or refuses the wrong clients: no
/// abbreviated or octal IPv4 (<c>10.1</c>, <c>010.0.0.1</c>), no zones, and no network with bits set after its prefix.
/// An IPv4-mapped IPv6 address (<c>::ffff:192.0.2.7</c>) is the IPv4 address; <c>::ffff:192.0.2.0/120</c> is <c>192.0.2.0/24</c>.
/// </remarks>
public static class AddressRangeFormat
{
    private const int IPv4Bits = 32, IPv6Bits = 128;
    private const string Examples = "Enter an address (192.0.2.7 or 2001:db8::7), a range (192.0.2.10-192.0.2.20), or a network (192.0.2.0/24).";

    /// <summary>Parses a range. Spaces around the text and around the hyphen of a range are ignored.</summary>
    /// <param name="fault">An error message for the user; empty: valid.</param>
    public static bool TryParse(string? text, out AddressRange range, out string fault)
    {
        range = default;
        fault = Parse((text ?? "").Trim(), ref range) ?? "";
        return fault.Length == 0;
    }

    private static string? Parse(string text, ref AddressRange range)
    {
        if (text.Length == 0)
            return "Enter an address or a range.";
        if (text.Length > IpRule.WrittenLength)
            return $"This text has {text.Length} characters, but the limit is {IpRule.WrittenLength}. Add one address or range at a time.";
        if (FaultOfCharacters(text) is { } fault)
            return fault;
        var hyphen = text.IndexOfAny(['-', '–']);
        var slash = text.IndexOf('/');
        if (hyphen >= 0 && slash >= 0)
            return "This contains both a hyphen and a slash. Enter either a range (192.0.2.10-192.0.2.20) or a network (192.0.2.0/24).";
        if (slash >= 0)
            return ParseNetwork(text[..slash], text[(slash + 1)..], ref range);
        if (hyphen >= 0)
            return ParseFromTo(text[..hyphen].TrimEnd(), text[(hyphen + 1)..].TrimStart(), ref range);
        var faultOfOne = ParseAddress(text, out var address);
        range = new AddressRange(address, address);
        return faultOfOne;
    }

    private static string? ParseFromTo(string from, string to, ref AddressRange range)
    {
        if (from.Length == 0 || to.Length == 0)
            return $"A range needs an address on both sides of the hyphen. {Examples}";
        if (ParseAddress(from, out var first) is { } faultOfFirst)
            return faultOfFirst;
        if (ParseAddress(to, out var last) is { } faultOfLast)
            return faultOfLast;
        if (AddressNumber.IsIPv4(first) != AddressNumber.IsIPv4(last))
            return "Both ends of a range must be of the same kind, IPv4 or IPv6. To allow both kinds, add two rules.";
        if (first > last)
            return $"The range ends before it begins. Did you mean {to}-{from}?";
        range = new AddressRange(first, last);
        return null;
    }

    private static string? ParseNetwork(string written, string prefix, ref AddressRange range)
    {
        if (ParseAddress(written, out var address) is { } fault)
            return fault;
        var (isIPv4, asIPv6) = (AddressNumber.IsIPv4(address), written.Contains(':', StringComparison.Ordinal));
        var longest = asIPv6 ? IPv6Bits : IPv4Bits;
        if (prefix.Length is 0 or > 3 || !prefix.All(char.IsAsciiDigit) || (prefix.Length > 1 && prefix[0] == '0'))
            return $"The prefix length after the slash must be a whole number from 0 to {longest}, for example {(asIPv6 ? "2001:db8::/32" : "192.0.2.0/24")}.";
        var length = int.Parse(prefix, CultureInfo.InvariantCulture);
        if (length > longest)
            return $"The prefix /{length} is longer than the address. It can be /0 to /{longest}.";
        if (isIPv4 && asIPv6 && length < IPv6Bits - IPv4Bits)
            return $"The prefix /{length} exceeds the IPv4 address range. Enter the network as IPv4, for example 192.0.2.0/24.";
        var free = longest - length;
        var behind = free == IPv6Bits ? UInt128.MaxValue : (UInt128.One << free) - 1;
        range = new AddressRange(address & ~behind, address | behind);
        if (range.First == address)
            return null;
        var network = $"{range.Write().First}/{(isIPv4 ? IPv4Bits : IPv6Bits) - free}";
        return $"No network of this size starts at {written}. Enter {network} for {range.Describe()}, or {written} for the single address.";
    }

    private static string? ParseAddress(string text, out UInt128 number)
    {
        number = default;
        if (text.Any(char.IsWhiteSpace))
            return $"There is a space in \"{text}\". Add one address or range at a time, without spaces.";
        if (!text.Contains(':', StringComparison.Ordinal))
            return ParseIPv4(text, out number);
        var lastPart = text[(text.LastIndexOf(':') + 1)..];
        if (lastPart.Contains('.', StringComparison.Ordinal) && ParseIPv4(lastPart, out _) is { } fault)
            return text.Count(':') == 1 ? fault : $"The part after the last colon must be an IPv4 address. {fault}";
        if (text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot && dot < text.LastIndexOf(':'))
            return $"\"{text}\" looks like an address with a port. Enter only the address.";
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return $"\"{text}\" is not an IPv6 address. An IPv6 address has eight groups of up to four hexadecimal digits, and \"::\" can replace groups of zeros once.";
        number = AddressNumber.Of(address);
        return null;
    }

    private static string? ParseIPv4(string text, out UInt128 number)
    {
        number = default;
        var parts = text.Split('.');
        if (parts.Length != 4 || parts.Any(part => part.Length == 0) || !parts.All(part => part.All(char.IsAsciiDigit)))
            return $"\"{text}\" is not an address. {Examples}";
        if (parts.FirstOrDefault(part => part.Length > 1 && part[0] == '0') is { } padded)
            return $"\"{padded}\" starts with a zero, which some programs read as octal. Enter it without leading zeros.";
        if (parts.FirstOrDefault(part => part.Length > 3 || int.Parse(part, CultureInfo.InvariantCulture) > 255) is { } large)
            return $"\"{large}\" is too large. Each part of an IPv4 address must be from 0 to 255.";
        number = AddressNumber.Of(new IPAddress(parts.Select(part => byte.Parse(part, CultureInfo.InvariantCulture)).ToArray()));
        return null;
    }

    /// <summary>Returns specific advice for characters that don't belong to addresses.</summary>
    private static string? FaultOfCharacters(string text)
    {
        foreach (var character in text)
            switch (character)
            {
                case '%':
                    return "A zone (after %) is valid only on one machine and isn't part of the address. Remove it.";
                case '*':
                    return "Wildcards are not supported. Enter the network with its prefix, for example 192.0.2.0/24 instead of 192.0.2.*.";
                case '[' or ']':
                    return "Enter the IPv6 address without brackets and port.";
                case ',' or ';':
                    return "Add one address or range at a time.";
            }

        foreach (var rune in text.EnumerateRunes())
            if (!rune.IsAscii && rune.Value != '–' && !Rune.IsWhiteSpace(rune))
                return $"\"{rune}\" can't be part of an address. Use the digits 0 to 9.";
        return text.Any(char.IsControl) ? $"The text contains a control character. {Examples}"
            : text.Any(character => char.IsAsciiLetter(character) && !char.IsAsciiHexDigit(character)) ? $"Names are not supported. {Examples}"
            : null;
    }
}
