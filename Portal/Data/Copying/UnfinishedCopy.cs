using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;

namespace Portal.Data.Copying;

/// <summary>Marks a database as the target of a copy that isn't complete, so that nothing uses it.</summary>
/// <remarks>The mark is a table without rows in the target itself. It stays if the process is killed.</remarks>
internal static class UnfinishedCopy
{
    public const string UsedByNodes = "A node of Portal uses the PostgreSQL database. Stop all nodes, wait for a minute, and then run the command again.";

    private const string FindInFile = """SELECT 1 AS "Value" FROM sqlite_schema WHERE type = 'table' AND name = 'UnfinishedCopy'""";
    private const string FindOnServer = """SELECT 1 AS "Value" WHERE to_regclass('"UnfinishedCopy"') IS NOT NULL""";

    /// <summary>Whether the database has the mark. Works with an empty database.</summary>
    public static async Task<bool> ExistsAsync(PortalDbContext context, CancellationToken cancellation) =>
        (await context.Database.SqlQueryRaw<int>(context.Database.IsNpgsql() ? FindOnServer : FindInFile).ToListAsync(cancellation)).Count > 0;

    /// <summary>Sets the mark. Fails if the database has it already. Afterwards, no node can join.</summary>
    /// <exception cref="DatabaseUnusableException">A node uses the database. It has no mark.</exception>
    public static async Task MarkAsync(PortalDbContext context, CancellationToken cancellation)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        if (context.Database.IsNpgsql())
        {
            // Until the mark is there, nodes that join wait.
            await context.Database.ExecuteSqlRawAsync("""LOCK TABLE "Nodes" IN SHARE MODE""", cancellation);
            if (await PostgresDatabase.AnyNodeAsync(context, cancellation))
                throw new DatabaseUnusableException(UsedByNodes);
        }

        await context.Database.ExecuteSqlRawAsync("""CREATE TABLE "UnfinishedCopy" ("Id" integer)""", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public static Task RemoveMarkAsync(PortalDbContext context) => context.Database.ExecuteSqlRawAsync("""DROP TABLE "UnfinishedCopy" """);

    /// <summary>Says what to do with a database on a server.</summary>
    public static string AdviceForServer(string database) =>
        $"The copy into {database} isn't complete, so Portal doesn't use this database. Unless Portal copy-data still runs, drop the database, create an empty one, and then run Portal copy-data to-postgres again.";

    /// <summary>Says what to do with a database file.</summary>
    public static string AdviceForFile(string path) =>
        $"The copy into {path} isn't complete, so Portal doesn't use this file. Unless Portal copy-data still runs, remove portal.db, portal.db-wal, portal.db-shm and the folder keys from {Path.GetDirectoryName(path)}, and then run Portal copy-data to-sqlite again.";
}
