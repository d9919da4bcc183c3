using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Portal.Accounts;

/// <summary>The layout of Identity's password hashes, as far as their cost matters, and how to make up the difference.</summary>
/// <remarks>Version 3: a byte 1, then the hash function, the iteration count and the length of the salt as big-endian 32-bit
/// numbers, then 16 bytes of salt and 32 of the key.</remarks>
internal static class PasswordHashCost
{
    /// <summary>PBKDF2-HMAC-SHA512 as OWASP's Password Storage Cheat Sheet asks for at present.</summary>
    public const int Iterations = 220_000;

    private const byte Version3 = 1;
    private const int HmacSha512 = 2, SaltLength = 16, KeyLength = 32, HeaderLength = 13;

    /// <summary>A hash that no password has: what is typed for an unknown account is compared with it.</summary>
    public static string HashOfNobody { get; } = CreateHashOfNobody();

    /// <summary>Does the rest of the work for a hash that was made with fewer iterations, so that its age does not show in the time.</summary>
    public static void MakeUp(string? passwordHash, string password)
    {
        var rest = Iterations - IterationsOf(passwordHash);
        if (rest > 0)
            Rfc2898DeriveBytes.Pbkdf2(password, new byte[SaltLength], rest, HashAlgorithmName.SHA512, KeyLength);
    }

    /// <returns>Zero for another layout.</returns>
    internal static int IterationsOf(string? passwordHash)
    {
        Span<byte> bytes = stackalloc byte[128];
        return passwordHash is not null && Convert.TryFromBase64String(passwordHash, bytes, out var written) && written > HeaderLength
            && bytes[0] == Version3 && BinaryPrimitives.ReadInt32BigEndian(bytes[1..]) == HmacSha512
            ? BinaryPrimitives.ReadInt32BigEndian(bytes[5..])
            : 0;
    }

    private static string CreateHashOfNobody()
    {
        var bytes = RandomNumberGenerator.GetBytes(HeaderLength + SaltLength + KeyLength);
        bytes[0] = Version3;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), HmacSha512);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), SaltLength);
        return Convert.ToBase64String(bytes);
    }
}

/// <summary>How a password compares.</summary>
/// <param name="NewHash">A stronger hash to store in place of the present one; null: that is good.</param>
internal readonly record struct PasswordCheck(bool IsRight, string? NewHash);
