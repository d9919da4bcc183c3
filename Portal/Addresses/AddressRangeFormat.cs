using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portal.Data;
using Portal.Localization;

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
            return Texts.AddressFormat_Missing;
        if (text.Length > IpRule.WrittenLength)
            return Texts.AddressFormat_TooLong.With(text.Length, IpRule.WrittenLength);
        if (FaultOfCharacters(text) is { } fault)
            return fault;
        var hyphen = text.IndexOfAny(['-', '–']);
        var slash = text.IndexOf('/');
        if (hyphen >= 0 && slash >= 0)
            return Texts.AddressFormat_HyphenAndSlash;
        if (slash >= 0)
            return ParseNetwork(text[..slash], text[(slash + 1)..], ref range);
        if (hyphen >= 0)
            return ParseFromTo(text[..hyphen].TrimEnd(), text[(hyphen + 1)..].TrimStart(), ref range);
        var faultOfOne = ParseAddress(text, out var address);
        range = new AddressRange(address, address);
        return faultOfOne;
    }

    private static string WithExamples(string fault) => $"{fault} {Texts.AddressFormat_Examples}";

    private static string? ParseFromTo(string from, string to, ref AddressRange range)
    {
        if (from.Length == 0 || to.Length == 0)
            return WithExamples(Texts.AddressFormat_OneSideMissing);
        if (ParseAddress(from, out var first) is { } faultOfFirst)
            return faultOfFirst;
        if (ParseAddress(to, out var last) is { } faultOfLast)
            return faultOfLast;
        if (AddressNumber.IsIPv4(first) != AddressNumber.IsIPv4(last))
            return Texts.AddressFormat_DifferentKinds;
        if (first > last)
            return Texts.AddressFormat_EndsBeforeItBegins.With($"{to}-{from}");
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
            return Texts.AddressFormat_PrefixInvalid.With(longest, asIPv6 ? "2001:db8::/32" : "192.0.2.0/24");
        var length = int.Parse(prefix, CultureInfo.InvariantCulture);
        if (length > longest)
            return Texts.AddressFormat_PrefixTooLong.With(length, longest);
        if (isIPv4 && asIPv6 && length < IPv6Bits - IPv4Bits)
            return Texts.AddressFormat_PrefixBeyondIPv4.With(length);
        var free = longest - length;
        var behind = free == IPv6Bits ? UInt128.MaxValue : (UInt128.One << free) - 1;
        range = new AddressRange(address & ~behind, address | behind);
        if (range.First == address)
            return null;
        var network = $"{range.Write().First}/{(isIPv4 ? IPv4Bits : IPv6Bits) - free}";
        return Texts.AddressFormat_NoSuchNetwork.With(written, network, range.Describe());
    }

    private static string? ParseAddress(string text, out UInt128 number)
    {
        number = default;
        if (text.Any(char.IsWhiteSpace))
            return Texts.AddressFormat_Space.With(text);
        if (!text.Contains(':', StringComparison.Ordinal))
            return ParseIPv4(text, out number);
        var lastPart = text[(text.LastIndexOf(':') + 1)..];
        if (lastPart.Contains('.', StringComparison.Ordinal) && ParseIPv4(lastPart, out _) is { } fault)
            return text.Count(':') == 1 ? fault : $"{Texts.AddressFormat_MappedPart} {fault}";
        if (text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot && dot < text.LastIndexOf(':'))
            return Texts.AddressFormat_Port.With(text);
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return Texts.AddressFormat_NotIPv6.With(text);
        number = AddressNumber.Of(address);
        return null;
    }

    private static string? ParseIPv4(string text, out UInt128 number)
    {
        number = default;
        var parts = text.Split('.');
        if (parts.Length != 4 || parts.Any(part => part.Length == 0) || !parts.All(part => part.All(char.IsAsciiDigit)))
            return WithExamples(Texts.AddressFormat_NotIPv4.With(text));
        if (parts.FirstOrDefault(part => part.Length > 1 && part[0] == '0') is { } padded)
            return Texts.AddressFormat_LeadingZero.With(padded);
        if (parts.FirstOrDefault(part => part.Length > 3 || int.Parse(part, CultureInfo.InvariantCulture) > 255) is { } large)
            return Texts.AddressFormat_PartTooLarge.With(large);
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
                    return Texts.AddressFormat_Zone;
                case '*':
                    return Texts.AddressFormat_Wildcard;
                case '[' or ']':
                    return Texts.AddressFormat_Brackets;
                case ',' or ';':
                    return Texts.AddressFormat_OneAtATime;
            }

        foreach (var rune in text.EnumerateRunes())
            if (!rune.IsAscii && rune.Value != '–' && !Rune.IsWhiteSpace(rune))
                return Texts.AddressFormat_ForeignCharacter.With(rune);
        return text.Any(char.IsControl) ? WithExamples(Texts.AddressFormat_ControlCharacter)
            : text.Any(character => char.IsAsciiLetter(character) && !char.IsAsciiHexDigit(character)) ? WithExamples(Texts.AddressFormat_Name)
            : null;
    }
}
