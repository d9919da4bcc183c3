using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portal.Data;

/// <summary>Stores the number of an address as 16 bytes, big-endian, so that databases sort the bytes like the numbers.</summary>
internal sealed class AddressConverter() : ValueConverter<UInt128, byte[]>(
    number => ToBytes(number), bytes => BinaryPrimitives.ReadUInt128BigEndian(bytes))
{
    public const int Length = 16;

    public static byte[] ToBytes(UInt128 number)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return bytes;
    }
}
