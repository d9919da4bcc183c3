using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Records that secrets have ended and removes their encrypted copies, a few rows at a time.</summary>
public static class EndedSecretStore
{
    /// <summary>The time when the next secret ends, in UTC; null if none does.</summary>
    public static Task<DateTime?> NextEndAsync(PortalDbContext context, CancellationToken cancellation) => context.TokenSecrets
        .Where(secret => secret.EndedAt == null && secret.EndsAt != null)
        .OrderBy(secret => secret.EndsAt)
        .Select(secret => secret.EndsAt)
        .FirstOrDefaultAsync(cancellation);

    /// <summary>Ends the secrets whose end has passed.</summary>
    /// <param name="now">UTC.</param>
    /// <param name="most">The maximum number of rows in one statement, so that it locks the database only briefly.</param>
    /// <returns>The number of secrets that ended. If it is less than <paramref name="most"/>, none are left.</returns>
    public static Task<int> EndAsync(PortalDbContext context, DateTime now, int most, CancellationToken cancellation) => context.Database.ExecuteSqlAsync(
        $"""
        UPDATE "TokenSecrets" SET "EndedAt" = {now}, "Protected" = NULL
        WHERE "Id" IN (
            SELECT "Id" FROM "TokenSecrets" WHERE "EndedAt" IS NULL AND "EndsAt" IS NOT NULL AND "EndsAt" <= {now} ORDER BY "EndsAt" LIMIT {most})
        """, cancellation);

    /// <summary>Finds the next encrypted copies, in the order of the secrets' IDs.</summary>
    /// <returns>The IDs after <paramref name="after"/> of secrets that have a copy.</returns>
    public static Task<List<long>> FindCopiesAsync(PortalDbContext context, long after, int most, CancellationToken cancellation) => context.TokenSecrets
        .Where(secret => secret.Id > after && secret.Protected != null)
        .OrderBy(secret => secret.Id)
        .Select(secret => secret.Id)
        .Take(most)
        .ToListAsync(cancellation);

    /// <summary>Removes the encrypted copies of secrets, including those of live ones.</summary>
    public static Task<int> RemoveCopiesAsync(PortalDbContext context, long first, long last, CancellationToken cancellation) => context.Database.ExecuteSqlAsync(
        $"""UPDATE "TokenSecrets" SET "Protected" = NULL WHERE "Id" BETWEEN {first} AND {last} AND "Protected" IS NOT NULL""", cancellation);
}
