using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>A secret without a fingerprint that still has its encrypted copy.</summary>
public sealed record UnmarkedSecret(long Id, string Handle, byte[] Protected);

/// <summary>Adds the fingerprints of secrets that were stored before Portal kept fingerprints, a few rows at a time.</summary>
public static class FingerprintStore
{
    /// <summary>Finds the next secrets, in the order of their IDs.</summary>
    /// <param name="after">The ID of the last secret that was tried.</param>
    public static Task<List<UnmarkedSecret>> FindMissingAsync(PortalDbContext context, long after, int most, CancellationToken cancellation) => (
        from secret in context.TokenSecrets
        where secret.Id > after && secret.Fingerprint == null && secret.Protected != null
        orderby secret.Id
        select new UnmarkedSecret(secret.Id, context.Tokens.Where(token => token.Id == secret.TokenId).Select(token => token.Handle).First(), secret.Protected!))
        .Take(most).ToListAsync(cancellation);

    /// <summary>Stores fingerprints in one transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    public static async Task SetAsync(PortalDbContext context, IReadOnlyCollection<(long Id, string Fingerprint)> found, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        foreach (var (id, fingerprint) in found)
            await context.TokenSecrets.Where(secret => secret.Id == id && secret.Fingerprint == null)
                .ExecuteUpdateAsync(set => set.SetProperty(secret => secret.Fingerprint, fingerprint), cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
