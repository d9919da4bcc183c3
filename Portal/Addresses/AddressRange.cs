using Portal.Localization;

namespace Portal.Addresses;

/// <summary>The addresses from <see cref="First"/> to <see cref="Last"/>, inclusive and of one family.</summary>
/// <remarks><see cref="AddressNumber"/> describes the numbers, and <see cref="AddressRangeFormat"/> how users
/// write them.</remarks>
public readonly record struct AddressRange(UInt128 First, UInt128 Last)
{
    internal static readonly AddressRange AllIPv4 = new(AddressNumber.FirstIPv4, AddressNumber.FirstIPv4 | uint.MaxValue), AllIPv6 = new(0, UInt128.MaxValue);

    /// <summary>Whether the range is IPv4; otherwise it is IPv6. An IPv6 range doesn't include IPv4 addresses, although <c>::/0</c> covers the numbers of both.</summary>
    public bool IsIPv4 => AddressNumber.IsIPv4(First);

    public bool Contains(UInt128 address) => address >= First && address <= Last && AddressNumber.IsIPv4(address) == IsIPv4;

    /// <summary>The first and the last address, <c>192.0.2.0</c> and <c>192.0.2.255</c>.</summary>
    public (string First, string Last) Write() => (AddressNumber.ToAddress(First).ToString(), AddressNumber.ToAddress(Last).ToString());

    /// <summary>The range in its shortest form that a rule accepts: <c>192.0.2.7</c>, <c>192.0.2.0/24</c> or <c>192.0.2.10-192.0.2.20</c>.</summary>
    public string WriteShortest()
    {
        var (first, last) = Write();
        var others = First ^ Last;
        var isNetwork = (others & (others + 1)) == 0 && (First & others) == 0;
        return First == Last ? first
            : isNetwork ? $"{first}/{(IsIPv4 ? 32 : 128) - (others == UInt128.MaxValue ? 128 : (int)UInt128.Log2(others) + 1)}"
            : $"{first}-{last}";
    }

    /// <summary>The network with the prefix length that contains the address.</summary>
    public static AddressRange NetworkOf(UInt128 address, int prefixOfIPv4, int prefixOfIPv6)
    {
        var behind = (UInt128.One << (AddressNumber.IsIPv4(address) ? 32 - prefixOfIPv4 : 128 - prefixOfIPv6)) - 1;
        return new AddressRange(address & ~behind, address | behind);
    }

    /// <summary>Describes the range for users: <c>192.0.2.0 – 192.0.2.255 (256 addresses)</c>; one address as itself.</summary>
    public string Describe()
    {
        var (first, last) = Write();
        return First == Last ? first : $"{first} – {last} ({DescribeCount()})";
    }

    /// <summary>Describes the number of addresses for users: <c>256 addresses</c>, <c>2^64 addresses</c>.</summary>
    public string DescribeCount()
    {
        var others = Last - First;
        if (others < 1_000_000_000_000)
            return TextFormat.Count((long)others + 1, Texts.AddressRange_OneAddress, Texts.AddressRange_Addresses);
        // Very large counts are easier to read as a power of two.
        var isPower = (others & (others + 1)) == 0;
        return isPower ? Texts.AddressRange_PowerOfTwo.With(UInt128.Log2(others) + 1) : Texts.AddressRange_MoreThanPowerOfTwo.With(UInt128.Log2(others));
    }
}
