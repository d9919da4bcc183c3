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
