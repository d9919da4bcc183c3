using System.Globalization;

namespace Portal.Addresses;

/// <summary>The addresses from <see cref="First"/> to <see cref="Last"/>, both included and of one family.</summary>
/// <remarks>See <see cref="AddressNumber"/> for how they are numbers, and <see cref="AddressRangeFormat"/> for how people
/// write them.</remarks>
public readonly record struct AddressRange(UInt128 First, UInt128 Last)
{
    /// <summary>Otherwise IPv6. An IPv6 range does not cover IPv4 addresses, though <c>::/0</c> has the numbers of both.</summary>
    public bool IsIPv4 => AddressNumber.IsIPv4(First);

    public bool Contains(UInt128 address) => address >= First && address <= Last && AddressNumber.IsIPv4(address) == IsIPv4;

    /// <summary>The first and the last address, <c>192.0.2.0</c> and <c>192.0.2.255</c>.</summary>
    public (string First, string Last) Write() => (AddressNumber.ToAddress(First).ToString(), AddressNumber.ToAddress(Last).ToString());

    /// <summary>What it covers, for people: <c>192.0.2.0 – 192.0.2.255 (256 addresses)</c>; one address as itself.</summary>
    public string Describe()
    {
        var (first, last) = Write();
        return First == Last ? first : $"{first} – {last} ({DescribeCount()})";
    }

    /// <summary>How many it covers, for people: <c>256 addresses</c>, <c>2^64 addresses</c>.</summary>
    public string DescribeCount()
    {
        var others = Last - First;
        if (others == 0)
            return "1 address";
        if (others < 1_000_000_000_000)
            return string.Create(CultureInfo.InvariantCulture, $"{(long)others + 1:N0} addresses");
        // A count that nobody can read says less than its size.
        var isPower = (others & (others + 1)) == 0;
        return string.Create(CultureInfo.InvariantCulture, $"{(isPower ? "" : "more than ")}2^{UInt128.Log2(others) + (isPower ? 1u : 0u)} addresses");
    }
}
