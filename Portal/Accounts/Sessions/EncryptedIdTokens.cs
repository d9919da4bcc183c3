using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Accounts.Sessions;

/// <summary>The encrypted ID tokens of sessions.</summary>
internal sealed class EncryptedIdTokens(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IDataProtectionProvider protection) : IEncryptedValues
{
    private readonly IDataProtector _protector = protection.CreateProtector(IdTokenProtector.Purpose);

    public string Name => "provider sessions";

    public string Purpose => IdTokenProtector.Purpose;

    public async Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await EncryptedValue.ReencryptAsync(
            keyId, last => last is null ? EncryptedValueStore.FindIdTokensAsync(context, cancellation) : Task.FromResult<List<EncryptedRow>>([]), row => _protector.CreateProtector(row.Owner),
            changed => writes.RunUpkeepAsync(token => EncryptedValueStore.ReplaceIdTokensAsync(context, changed, token), cancellation), progress, cancellation);
    }
}
