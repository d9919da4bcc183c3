using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Tokens;

/// <summary>Encrypts secrets at rest, each bound to its handle, so that a copy on another row does not open.</summary>
public sealed class SecretProtector(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Tokens.Secret.v1");

    public byte[] Protect(ApiKey key)
    {
        var secret = key.GetSecretBytes();
        try
        {
            return _protector.CreateProtector(key.Handle).Protect(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Null: the key ring that it was encrypted with is not here any more.</summary>
    public ApiKey? Unprotect(string handle, byte[] encrypted)
    {
        byte[]? secret = null;
        try
        {
            secret = _protector.CreateProtector(handle).Unprotect(encrypted);
            return ApiKey.Restore(handle, secret);
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
