using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Writes the only row of <see cref="Installation"/>, and creates it if it doesn't exist.</summary>
internal static class InstallationStore
{
    public static Task KeepTimeAsync(PortalDbContext context, DateTime now, CancellationToken cancellation) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO "Installation" ("Id", "LastKnownAt") VALUES ({Installation.OnlyId}, {now})
        ON CONFLICT ("Id") DO UPDATE SET "LastKnownAt" = excluded."LastKnownAt"
        """, cancellation);

    public static Task KeepProofAsync(PortalDbContext context, byte[] proof, CancellationToken cancellation) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO "Installation" ("Id", "KeyRingProof") VALUES ({Installation.OnlyId}, {proof})
        ON CONFLICT ("Id") DO UPDATE SET "KeyRingProof" = excluded."KeyRingProof"
        """, cancellation);

    public static Task KeepNameCollationAsync(PortalDbContext context, string version, CancellationToken cancellation) => context.Database.ExecuteSqlAsync(
        $"""
        INSERT INTO "Installation" ("Id", "NameCollation") VALUES ({Installation.OnlyId}, {version})
        ON CONFLICT ("Id") DO UPDATE SET "NameCollation" = excluded."NameCollation"
        """, cancellation);
}
