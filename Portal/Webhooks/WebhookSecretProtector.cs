using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Webhooks;

/// <summary>Encrypts the secrets of endpoints.</summary>
/// <remarks>A secret isn't bound to the ID of its endpoint, because the ID is known only after the endpoint is stored.</remarks>
public sealed class WebhookSecretProtector(IDataProtectionProvider protection)
{
    internal const string Purpose = "Portal.Webhooks.Secret.v1";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    public byte[] Protect(byte[] secret) => _protector.Protect(secret);

    /// <returns>Null: the key ring that encrypted it is missing.</returns>
    public byte[]? Unprotect(byte[] encrypted)
    {
        try
        {
            return _protector.Unprotect(encrypted);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>The encrypted secrets of endpoints.</summary>
internal sealed class EncryptedWebhookSecrets(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IDataProtectionProvider protection) : IEncryptedValues
{
    private readonly IDataProtector _protector = protection.CreateProtector(WebhookSecretProtector.Purpose);

    public string Name => "webhook secrets";

    public string Purpose => WebhookSecretProtector.Purpose;

    public async Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await EncryptedValue.ReencryptAsync(
            keyId, last => last is null ? EncryptedValueStore.FindWebhookSecretsAsync(context, cancellation) : Task.FromResult<List<EncryptedRow>>([]), _ => _protector,
            changed => writes.RunUpkeepAsync(token => EncryptedValueStore.ReplaceWebhookSecretsAsync(context, changed, token), cancellation), progress, cancellation);
    }
}
