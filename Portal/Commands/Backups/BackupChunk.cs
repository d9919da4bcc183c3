using System.Buffers.Binary;

namespace Portal.Commands.Backups;

/// <summary>The encrypted content of a backup: chunks of 64 KiB, each followed by its authentication tag.</summary>
/// <remarks>The nonce of a chunk contains its number and whether it is the last one, so that no chunk can be removed, repeated or moved. Each backup has
/// its own key, so nonces don't repeat. This is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (2015).</remarks>
internal static class BackupChunk
{
    public const int Length = 64 * 1024, TagLength = 16, NonceLength = 12;

    public static void Encrypt(BackupKey key, long number, bool isLast, ReadOnlySpan<byte> plain, Span<byte> encrypted)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, number, isLast);
        key.Cipher.Encrypt(nonce, plain, encrypted[..plain.Length], encrypted.Slice(plain.Length, TagLength), key.Header);
    }

    /// <exception cref="System.Security.Cryptography.CryptographicException">It isn't this chunk of this backup.</exception>
    public static void Decrypt(BackupKey key, long number, bool isLast, ReadOnlySpan<byte> encrypted, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, number, isLast);
        key.Cipher.Decrypt(nonce, encrypted[..^TagLength], encrypted[^TagLength..], plain, key.Header);
    }

    private static void WriteNonce(Span<byte> nonce, long number, bool isLast)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
    }
}
