using System.Security.Cryptography;
using System.Text;

namespace Portal.Secrets;

/// <summary>Derives keys from passphrases: PBKDF2-HMAC-SHA512 makes guessing slow, and HKDF-SHA256 (RFC 5869) separates the uses.</summary>
internal static class PassphraseKey
{
    /// <summary>Takes about half a second.</summary>
    public const int Iterations = 600_000;

    /// <summary>An altered file must not keep the processor busy for hours.</summary>
    public const int MostIterations = 5_000_000;

    public const int SaltLength = 32, Length = 32;

    /// <summary>Of a new passphrase, in characters.</summary>
    public const int Shortest = 12;

    /// <summary>Derives the secret from which <see cref="Expand"/> derives keys.</summary>
    public static byte[] Derive(string passphrase, ReadOnlySpan<byte> salt, int iterations)
    {
        // The same text can be typed in several Unicode forms.
        var typed = Encoding.UTF8.GetBytes(passphrase.Normalize(NormalizationForm.FormC));
        try
        {
            return Rfc2898DeriveBytes.Pbkdf2(typed, salt, iterations, HashAlgorithmName.SHA512, Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
        }
    }

    /// <summary>Derives the key for one use.</summary>
    public static byte[] Expand(byte[] secret, ReadOnlySpan<byte> use) => HKDF.Expand(HashAlgorithmName.SHA256, secret, Length, use.ToArray());
}
