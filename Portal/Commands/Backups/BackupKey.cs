using System.Buffers.Binary;
using System.Security.Cryptography;
using Portal.Secrets;

namespace Portal.Commands.Backups;

/// <summary>The header of a backup and the keys that follow from it and the passphrase.</summary>
/// <remarks>
/// <para>Layout of the header, with numbers in network byte order:</para>
/// <list type="table">
/// <item><term>0–7</term><description><c>PORTALBK</c></description></item>
/// <item><term>8</term><description>version of the format: 1</description></item>
/// <item><term>9–12</term><description>iterations of PBKDF2-HMAC-SHA512</description></item>
/// <item><term>13–44</term><description>salt, random for each backup</description></item>
/// <item><term>45–76</term><description>HMAC-SHA256 of bytes 0–44, which tells a wrong passphrase from a damaged file</description></item>
/// </list>
/// <para>PBKDF2 derives 32 bytes from the passphrase, and HKDF-SHA256 (RFC 5869) derives the two keys from them, for the HMAC and for AES-256-GCM. The
/// whole header is associated data of each encrypted chunk.</para>
/// </remarks>
internal sealed class BackupKey : IDisposable
{
    public const int HeaderLength = 77;

    private const byte Version = 1;
    private const int VersionAt = 8, IterationsAt = 9, SaltAt = 13, ProofAt = 45;

    private readonly byte[] _header;

    private BackupKey(byte[] header, AesGcm cipher) => (_header, Cipher) = (header, cipher);

    public ReadOnlySpan<byte> Header => _header;

    public AesGcm Cipher { get; }

    private static ReadOnlySpan<byte> Magic => "PORTALBK"u8;

    /// <summary>Creates the header and keys of a new backup.</summary>
    public static BackupKey Create(string passphrase, int iterations = PassphraseKey.Iterations)
    {
        var header = new byte[HeaderLength];
        Magic.CopyTo(header);
        header[VersionAt] = Version;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(IterationsAt), iterations);
        RandomNumberGenerator.Fill(header.AsSpan(SaltAt..ProofAt));
        var (proofKey, cipher) = Derive(passphrase, header);
        HMACSHA256.HashData(proofKey, header.AsSpan(..ProofAt), header.AsSpan(ProofAt));
        return new BackupKey(header, cipher);
    }

    /// <summary>Reads the header of a backup.</summary>
    /// <exception cref="BackupException">It can't be used; the message says what to do.</exception>
    public static BackupKey Read(Stream backup, string path, string passphrase)
    {
        var header = new byte[HeaderLength];
        var length = backup.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        if (!header.AsSpan(..Math.Min(length, Magic.Length)).SequenceEqual(Magic))
            throw new BackupException(length == 0 ? $"{path} is empty. Use another backup." : $"{path} is not a backup of Portal. Choose a file that Portal backup created.");
        if (length > VersionAt && header[VersionAt] > Version)
            throw new BackupException($"{path} has a newer format than this version of Portal knows. Use the version of Portal that created it.");
        var iterations = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(IterationsAt));
        if (length < HeaderLength || header[VersionAt] != Version || iterations is < 1 or > PassphraseKey.MostIterations)
            throw BackupException.Damaged(path);
        var (proofKey, cipher) = Derive(passphrase, header);
        if (CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(proofKey, header.AsSpan(..ProofAt)), header.AsSpan(ProofAt)))
            return new BackupKey(header, cipher);
        cipher.Dispose();
        throw new BackupException($"The passphrase does not fit {path}. Use the passphrase with which the backup was created. If it is the right one, the file is damaged: use another backup.");
    }

    public void Dispose() => Cipher.Dispose();

    private static (byte[] ProofKey, AesGcm Cipher) Derive(string passphrase, byte[] header)
    {
        var iterations = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(IterationsAt));
        var secret = PassphraseKey.Derive(passphrase, header.AsSpan(SaltAt..ProofAt), iterations);
        var (proofKey, key) = (PassphraseKey.Expand(secret, "Portal backup, header"u8), PassphraseKey.Expand(secret, "Portal backup, content"u8));
        try
        {
            return (proofKey, new AesGcm(key, BackupChunk.TagLength));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
