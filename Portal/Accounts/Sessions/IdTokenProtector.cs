using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Accounts.Sessions;

/// <summary>Encrypts the ID tokens of sessions, which contain personal data.</summary>
public sealed class IdTokenProtector(IDataProtectionProvider protection)
{
    internal const string Purpose = "Portal.Accounts.Sessions.IdToken.v1";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    public byte[]? Protect(string sessionId, string? token) =>
        token is null ? null : _protector.CreateProtector(sessionId).Protect(Encoding.UTF8.GetBytes(token));

    /// <returns>Null: there is none, or the key ring that encrypted it is missing.</returns>
    public string? Unprotect(string sessionId, byte[]? encrypted)
    {
        try
        {
            return encrypted is null ? null : Encoding.UTF8.GetString(_protector.CreateProtector(sessionId).Unprotect(encrypted));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
