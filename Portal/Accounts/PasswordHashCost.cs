using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portal.Accounts;

/// <summary>Reads the iteration count of Identity's password hashes, and equalizes the time that hashes of different cost take.</summary>
/// <remarks>Version 3: a byte 1, then the hash function, the iteration count and the length of the salt as big-endian 32-bit
/// numbers, then 16 bytes of salt and 32 of the key.</remarks>
internal static class PasswordHashCost
{
    /// <summary>The iterations of PBKDF2-HMAC-SHA512 that OWASP's Password Storage Cheat Sheet currently recommends.</summary>
    public const int Iterations = 220_000;

    private const byte Version3 = 1;
    private const int HmacSha512 = 2, SaltLength = 16, KeyLength = 32, HeaderLength = 13;

    /// <summary>A hash that matches no password. Passwords for unknown accounts are compared with it.</summary>
    public static string UnmatchableHash { get; } = CreateUnmatchableHash();

    /// <summary>Computes the missing iterations of a hash with fewer of them, so that the response time doesn't reveal its age.</summary>
    public static void EqualizeCost(string? passwordHash, string password)
    {
        var rest = Iterations - IterationsOf(passwordHash);
        if (rest > 0)
            Rfc2898DeriveBytes.Pbkdf2(password, new byte[SaltLength], rest, HashAlgorithmName.SHA512, KeyLength);
    }

    /// <returns>The iteration count; zero: another layout.</returns>
    internal static int IterationsOf(string? passwordHash)
    {
        Span<byte> bytes = stackalloc byte[128];
        return passwordHash is not null && Convert.TryFromBase64String(passwordHash, bytes, out var written) && written > HeaderLength
            && bytes[0] == Version3 && BinaryPrimitives.ReadInt32BigEndian(bytes[1..]) == HmacSha512
            ? BinaryPrimitives.ReadInt32BigEndian(bytes[5..])
            : 0;
    }

    private static string CreateUnmatchableHash()
    {
        var bytes = RandomNumberGenerator.GetBytes(HeaderLength + SaltLength + KeyLength);
        bytes[0] = Version3;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), HmacSha512);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), SaltLength);
        return Convert.ToBase64String(bytes);
    }
}

/// <summary>The result of a password check.</summary>
/// <param name="NewHash">A stronger hash to replace the current one; null: the current hash is strong enough.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? NewHash);
