using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Accounts.SecondFactor;

/// <summary>The encrypted keys of authenticator apps.</summary>
internal sealed class EncryptedSecondFactors(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IDataProtectionProvider protection) : IEncryptedValues
{
    private readonly IDataProtector _protector = protection.CreateProtector(OneTimePasswords.Purpose);

    public string Name => "authenticator apps";

    public string Purpose => OneTimePasswords.Purpose;

    public async Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await EncryptedValue.ReencryptAsync(
            keyId, last => last is null ? EncryptedValueStore.FindSecondFactorsAsync(context, cancellation) : Task.FromResult<List<EncryptedRow>>([]), row => _protector.CreateProtector(row.Owner),
            changed => writes.RunUpkeepAsync(token => EncryptedValueStore.ReplaceSecondFactorsAsync(context, changed, token), cancellation), progress, cancellation);
    }
}
