using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Tokens;

/// <summary>The encrypted copies of secrets that can be viewed.</summary>
internal sealed class EncryptedSecrets(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IDataProtectionProvider protection) : IEncryptedValues
{
    private readonly IDataProtector _protector = protection.CreateProtector(SecretProtector.Purpose);

    public string Name => "API keys";

    public string Purpose => SecretProtector.Purpose;

    public async Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await EncryptedValue.ReencryptAsync(
            keyId, last => EncryptedValueStore.FindSecretsAsync(context, last?.Id ?? 0, cancellation), row => _protector.CreateProtector(row.Owner),
            changed => writes.RunUpkeepAsync(token => EncryptedValueStore.ReplaceSecretsAsync(context, changed, token), cancellation), progress, cancellation);
    }
}
