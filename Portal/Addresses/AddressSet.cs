namespace Portal.Addresses;

/// <summary>The addresses of several rules. Immutable and sorted; lookups don't allocate.</summary>
internal sealed class AddressSet
{
    /// <summary>Each of one family, sorted and without overlaps. The range that may contain an address is the last one that starts
    /// at or before it.</summary>
    private readonly AddressRange[] _ipv4, _ipv6;

    public AddressSet(IEnumerable<AddressRange> ranges)
    {
        var families = ranges.ToLookup(range => range.IsIPv4);
        (_ipv4, _ipv6) = (Merge(families[true]), Merge(families[false]));
    }

    private AddressSet(AddressRange[] ipv4, AddressRange[] ipv6) => (_ipv4, _ipv6) = (ipv4, ipv6);

    public bool IsEmpty => _ipv4.Length == 0 && _ipv6.Length == 0;

    /// <summary>The addresses as ranges without overlaps, IPv4 first, each family in order.</summary>
    public IReadOnlyList<AddressRange> Ranges => [.. _ipv4, .. _ipv6];

    /// <summary>Every address outside the range, of both families.</summary>
    public static AddressSet Outside(AddressRange range) => range.IsIPv4
        ? new([.. Around(AddressRange.AllIPv4, range)], [AddressRange.AllIPv6])
        : new([AddressRange.AllIPv4], [.. Around(AddressRange.AllIPv6, range)]);

    /// <summary>The addresses that are in both sets.</summary>
    public AddressSet Intersect(AddressSet other) => new(Common(_ipv4, other._ipv4), Common(_ipv6, other._ipv6));

    /// <summary>Whether an address is in both sets.</summary>
    public bool Overlaps(AddressSet other) => !Intersect(other).IsEmpty;

    public bool Contains(UInt128 address)
    {
        var ranges = AddressNumber.IsIPv4(address) ? _ipv4 : _ipv6;
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].First <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && address <= ranges[low - 1].Last;
    }

    private static IEnumerable<AddressRange> Around(AddressRange all, AddressRange range)
    {
        // The numbers of IPv4 addresses are in the middle of those of IPv6 addresses. A range must not begin with one of them.
        var (before, behind) = (AddressRange.AllIPv4.First - 1, AddressRange.AllIPv4.Last + 1);
        if (range.First > all.First)
            yield return new AddressRange(all.First, !range.IsIPv4 && range.First == behind ? before : range.First - 1);
        if (range.Last < all.Last)
            yield return new AddressRange(!range.IsIPv4 && range.Last == before ? behind : range.Last + 1, all.Last);
    }

    private static AddressRange[] Common(AddressRange[] ones, AddressRange[] others)
    {
        var common = new List<AddressRange>();
        for (var (i, j) = (0, 0); i < ones.Length && j < others.Length;)
        {
            var (first, last) = (UInt128.Max(ones[i].First, others[j].First), UInt128.Min(ones[i].Last, others[j].Last));
            if (first <= last)
                common.Add(new AddressRange(first, last));
            if (ones[i].Last < others[j].Last)
                i++;
            else
                j++;
        }

        return [.. common];
    }

    private static AddressRange[] Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(range => range.First))
            if (merged.Count > 0 && range.First <= merged[^1].Last)
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
            else
                merged.Add(range);
        return [.. merged];
    }
}
