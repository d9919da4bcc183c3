using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Adds to the statistics in one statement a row, whatever is there already.</summary>
/// <remarks>The statements are understood by SQLite and PostgreSQL alike; EF Core has no upsert of its own.</remarks>
public static class CountStore
{
    public static Task AddAsync(PortalDbContext context, DailyCount added, CancellationToken cancellation) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "DailyCounts" ("TokenId", "Day", "ModuleId", "StatusCode", "Reason", "Count")
            VALUES ({added.TokenId}, {added.Day}, {added.ModuleId}, {added.StatusCode}, {added.Reason}, {added.Count})
            ON CONFLICT ("TokenId", "Day", "ModuleId", "StatusCode", "Reason")
            DO UPDATE SET "Count" = "DailyCounts"."Count" + excluded."Count"
            """,
            cancellation);

    public static Task MarkModuleUsedAsync(PortalDbContext context, long tokenId, string moduleId, DateTime at, CancellationToken cancellation) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "ModuleUses" ("TokenId", "ModuleId", "LastUsedAt") VALUES ({tokenId}, {moduleId}, {at})
            ON CONFLICT ("TokenId", "ModuleId") DO UPDATE SET "LastUsedAt" = excluded."LastUsedAt"
            """,
            cancellation);

    public static Task MarkAddressSeenAsync(PortalDbContext context, SeenAddress seen, CancellationToken cancellation) =>
        context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "SeenAddresses" ("TokenId", "Address", "LastSeenOn")
            VALUES ({seen.TokenId}, {AddressNumber.ToBytes(seen.Address)}, {seen.LastSeenOn})
            ON CONFLICT ("TokenId", "Address") DO UPDATE SET "LastSeenOn" = excluded."LastSeenOn"
            WHERE "SeenAddresses"."LastSeenOn" < excluded."LastSeenOn"
            """,
            cancellation);
}
