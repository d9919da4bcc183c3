using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using OtpNet;

namespace Portal.Accounts.SecondFactor;

/// <summary>The codes of authenticator apps (TOTP, RFC 6238, with six digits every 30 seconds), and the encryption of their keys.</summary>
public sealed class OneTimePasswords(IDataProtectionProvider protection, TimeProvider clock)
{
    internal const string Purpose = "Portal.Accounts.SecondFactor.v1";

    private const int KeyBytes = 20;
    private const string Issuer = "Portal";

    /// <summary>The clock of the phone may differ by one step.</summary>
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    internal static byte[] CreateKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    internal byte[] Protect(string userId, byte[] key) => _protector.CreateProtector(userId).Protect(key);

    /// <returns>Null: the key ring that encrypted it is missing.</returns>
    internal byte[]? Unprotect(string userId, byte[] encrypted)
    {
        try
        {
            return _protector.CreateProtector(userId).Unprotect(encrypted);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Checks a code.</summary>
    /// <returns>The time step to which it belongs; null: it is wrong.</returns>
    internal long? FindStep(byte[] key, string code) =>
        new Totp(key).VerifyTotp(clock.GetUtcNow().UtcDateTime, code, out var step, Window) ? step : null;

    /// <summary>The key as people type it into an app.</summary>
    internal static string Write(byte[] key) => Base32Encoding.ToString(key);

    /// <summary>The address in the QR code.</summary>
    internal static string UriOf(byte[] key, string email) => new OtpUri(OtpType.Totp, key, email, Issuer).ToString();
}
