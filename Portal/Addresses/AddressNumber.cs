using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Portal.Addresses;

/// <summary>An IP address as one number of 128 bits, so that ranges of either family compare cheaply.</summary>
/// <remarks>An IPv4 address is the IPv6 address that maps it, <c>::ffff:a.b.c.d</c>: however a connection or a person
/// writes it, it is the same number. An IPv6 zone (<c>%eth0</c>) says where an address is reached and is not part of it.</remarks>
public static class AddressNumber
{
    public const int Length = 16;

    /// <summary>The numbers of IPv4 addresses: this one and the 2^32 - 1 that follow.</summary>
    private static readonly UInt128 FirstIPv4 = new(0, 0xFFFF_0000_0000);

    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        address.TryWriteBytes(bytes, out var written);
        return written == Length ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : FirstIPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public static bool IsIPv4(UInt128 number) => number >> 32 == FirstIPv4 >> 32;

    /// <summary>The shortest way to write it that everybody reads: <c>192.0.2.1</c>, <c>2001:db8::1</c>.</summary>
    public static IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(IsIPv4(number) ? bytes[12..] : bytes);
    }

    /// <summary>The address with an IPv4 one as what it is, and without a zone; null: not an IP connection.</summary>
    public static string? Write(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 } ? ToAddress(Of(address)).ToString() : null;
}
