using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;

namespace Portal.Hosting;

/// <summary>The proof that the key ring belongs to the database, see <see cref="KeyRingCheck"/>.</summary>
internal sealed class EncryptedProof(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IDataProtectionProvider protection) : IEncryptedValues
{
    private readonly IDataProtector _protector = protection.CreateProtector(KeyRingCheck.Purpose);

    public string Name => "proof of the key ring";

    public string Purpose => KeyRingCheck.Purpose;

    public async Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var proof = await context.Installations.Select(installation => installation.KeyRingProof).SingleOrDefaultAsync(cancellation);
        if (proof is null || EncryptedValue.KeyOf(proof) == keyId)
            return new ReencryptedValues(proof is null ? 0 : 1, 0, 0);
        if (EncryptedValue.Reencrypt(_protector, proof) is not { } renewed)
            return new ReencryptedValues(1, 0, 1);
        await writes.RunUpkeepAsync(token => InstallationStore.KeepProofAsync(context, renewed, token), cancellation);
        return new ReencryptedValues(1, 1, 0);
    }
}
