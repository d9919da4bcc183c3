using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Portal.Accounts;

/// <summary>A browser that has signed in to an account.</summary>
/// <param name="Nonce">Distinguishes this browser from others.</param>
internal readonly record struct KnownDevice(UInt128 Nonce);

/// <summary>Recognizes a browser by the cookie that it got when it signed in (OWASP: device cookies).</summary>
/// <remarks>The cookie grants no access. It only separates the failures of this browser from those of others.</remarks>
public sealed class KnownDevices(IDataProtectionProvider protection, IOptions<SignInOptions> options, TimeProvider clock)
{
    public const string CookieName = "portal-device";
    private const int Length = 40, LongestCookie = 512;

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Accounts.KnownDevice.v1");

    public TimeSpan Lifetime => TimeSpan.FromDays(options.Value.KnownDeviceDays);

    /// <summary>Creates a cookie for a browser that has just signed in.</summary>
    internal string Issue(UInt128 account)
    {
        Span<byte> content = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(content, account);
        RandomNumberGenerator.Fill(content[16..32]);
        BinaryPrimitives.WriteInt64BigEndian(content[32..], clock.GetUtcNow().ToUnixTimeSeconds());
        return Convert.ToBase64String(_protector.Protect(content.ToArray())).Replace('+', '-').Replace('/', '_').TrimEnd('=');
    }

    /// <returns>Null: there is no cookie, or it is for another account, expired or invalid.</returns>
    internal KnownDevice? Find(string? cookie, UInt128 account) => Read(cookie, account);

    /// <summary>Finds a browser that has signed in to any account.</summary>
    internal KnownDevice? FindAny(string? cookie) => Read(cookie, null);

    /// <param name="account">Null: any.</param>
    private KnownDevice? Read(string? cookie, UInt128? account)
    {
        if (cookie is not { Length: > 0 and <= LongestCookie })
            return null;
        byte[] content;
        try
        {
            content = _protector.Unprotect(Convert.FromBase64String(cookie.Replace('-', '+').Replace('_', '/').PadRight((cookie.Length + 3) / 4 * 4, '=')));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }

        var issued = content.Length == Length ? BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(32)) : 0;
        var age = clock.GetUtcNow().ToUnixTimeSeconds() - issued;
        return content.Length == Length && age < Lifetime.TotalSeconds && (account is null || BinaryPrimitives.ReadUInt128BigEndian(content) == account)
            ? new KnownDevice(BinaryPrimitives.ReadUInt128BigEndian(content.AsSpan(16)))
            : null;
    }
}
