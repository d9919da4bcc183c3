using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Says whether the database can be written.</summary>
public sealed class WriteProbe(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes)
{
    /// <summary>What a waiting supervisor can be kept for.</summary>
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(2);

    /// <summary>Takes the last write's word for it; only when that one failed, it tries to write itself.</summary>
    /// <returns>Null: it can be written.</returns>
    public async Task<DatabaseFault?> FindFaultAsync(CancellationToken cancellation = default)
    {
        if (writes.Fault is null || writes.IsHeld)
            return writes.Fault;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        try
        {
            await writes.RunUpkeepAsync(token => context.Database.ExecuteSqlRawAsync("PRAGMA user_version = 1", token), cancellation)
                .WaitAsync(LongestTry, cancellation);
            return null;
        }
        catch (Exception exception) when (exception is TimeoutException || DatabaseErrors.Find(exception) is not null)
        {
            return DatabaseErrors.Find(exception) ?? writes.Fault;
        }
    }
}
