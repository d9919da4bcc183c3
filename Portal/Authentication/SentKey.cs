using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>A key that a client sent: the number of its handle and its hash. It contains no secret.</summary>
internal readonly struct SentKey
{
    private readonly Digest _hash;

    private SentKey(int handle, ReadOnlySpan<byte> hash)
    {
        (Handle, Id) = (handle, IdOf(hash));
        hash.CopyTo(_hash);
    }

    /// <summary>Whether the header had the form of a key. If not, everything else is empty.</summary>
    public bool IsKey => Id != 0;

    /// <summary>See <see cref="ApiKey.NumberOf"/>.</summary>
    public int Handle { get; }

    /// <summary>Identifies the secret, see <see cref="IdOf"/>.</summary>
    public ulong Id { get; }

    [UnscopedRef]
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Reads the value of the header <c>Authorization</c>. The time depends only on whether it has the form of a key.</summary>
    public static SentKey Read(string authorization)
    {
        if (!ApiKey.TryParse(authorization, out var handle, out var secret))
            return default;
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return new SentKey(ApiKey.NumberOf(handle), hash);
    }

    /// <summary>The first 8 bytes of a hash. Two secrets of a million have the same with a probability of 1 in 37 million. Never 0.</summary>
    public static ulong IdOf(ReadOnlySpan<byte> hash) => Math.Max(1, BinaryPrimitives.ReadUInt64LittleEndian(hash));

    [InlineArray(ApiKey.HashLength)]
    private struct Digest
    {
        private byte _first;
    }
}
