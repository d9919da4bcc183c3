using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Tokens;

/// <summary>Encrypts secrets at rest. Each is bound to its handle, so a copy in another row can't be decrypted.</summary>
public sealed class SecretProtector(IDataProtectionProvider protection)
{
    internal const string Purpose = "Tokens.Secret.v1";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

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

    /// <summary>Decrypts a secret; null: the key ring that encrypted it is missing.</summary>
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
