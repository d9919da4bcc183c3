using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Portal.Addresses;

/// <summary>Represents an IP address as a 128-bit number, so that ranges of both families compare cheaply.</summary>
/// <remarks>An IPv4 address is its mapped IPv6 address, <c>::ffff:a.b.c.d</c>: regardless of how a connection or a user
/// writes it, it is the same number. An IPv6 zone (<c>%eth0</c>) isn't part of the address.</remarks>
public static class AddressNumber
{
    public const int Length = 16;

    /// <summary>The first number of IPv4 addresses. The next 2^32 - 1 numbers are IPv4 addresses too.</summary>
    internal static readonly UInt128 FirstIPv4 = new(0, 0xFFFF_0000_0000);

    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        address.TryWriteBytes(bytes, out var written);
        return written == Length ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : FirstIPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public static bool IsIPv4(UInt128 number) => number >> 32 == FirstIPv4 >> 32;

    /// <summary>Formats the address in its shortest common form: <c>192.0.2.1</c>, <c>2001:db8::1</c>.</summary>
    public static IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(IsIPv4(number) ? bytes[12..] : bytes);
    }

    /// <summary>Formats the address without a zone, and a mapped IPv4 address as IPv4; null: not an IP connection.</summary>
    public static string? Write(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 } ? ToAddress(Of(address)).ToString() : null;
}
