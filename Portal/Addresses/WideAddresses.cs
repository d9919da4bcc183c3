namespace Portal.Addresses;

/// <summary>Detects lists of trusted addresses that are so wide that they include clients.</summary>
internal static class WideAddresses
{
    /// <summary>The largest network of one list entry: /8 for IPv4, /16 for IPv6.</summary>
    private static readonly UInt128 LargestIPv4 = UInt128.One << 24, LargestIPv6 = UInt128.One << 112;

    /// <summary>The limit for all entries together: less than half of IPv4, and less than half of the allocated IPv6 addresses (2000::/3).</summary>
    private static readonly UInt128 MostIPv4 = UInt128.One << 31, MostIPv6 = UInt128.One << 124;

    /// <summary>Addresses that don't occur on the Internet: unique local (fc00::/7) and link-local (fe80::/10).</summary>
    private static readonly AddressRange[] Local = [new((UInt128)0xFC << 120, ((UInt128)0xFE << 120) - 1), new((UInt128)0xFE80 << 112, ((UInt128)0xFEC0 << 112) - 1)];

    /// <summary>Whether one range is too wide.</summary>
    public static bool IsTooWide(AddressRange range) =>
        range.Last - range.First >= (range.IsIPv4 ? LargestIPv4 : LargestIPv6)
        && !Local.Any(local => range.First >= local.First && range.Last <= local.Last);

    /// <summary>Whether ranges are too wide together, even if each alone is not.</summary>
    public static bool AreTooWide(IEnumerable<AddressRange> ranges)
    {
        var families = ranges.ToLookup(range => range.IsIPv4);
        return Count(families[true]) >= MostIPv4 || Count(families[false]) >= MostIPv6;
    }

    /// <summary>The number of addresses that the ranges cover. Overlaps count once.</summary>
    private static UInt128 Count(IEnumerable<AddressRange> ranges)
    {
        UInt128 count = 0, next = 0;
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            var first = UInt128.Max(range.First, next);
            if (range.Last < first)
                continue;
            count += range.Last - first + 1;
            next = range.Last + 1;
        }

        return count;
    }
}
