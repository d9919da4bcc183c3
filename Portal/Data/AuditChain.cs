using Microsoft.EntityFrameworkCore;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>The state of the audit log.</summary>
/// <param name="Entries">The number of entries.</param>
/// <param name="Unchained">The number of entries that are older than the chain.</param>
/// <param name="Head">The newest entry; null: there is none with a hash.</param>
/// <param name="Broken">The IDs of the first entries that don't fit the entry before them.</param>
public sealed record AuditChainState(int Entries, int Unchained, AuditHead? Head, IReadOnlyList<long> Broken);

/// <summary>An entry whose hash covers all entries before it.</summary>
/// <param name="Hash">In lower-case hexadecimal digits.</param>
public sealed record AuditHead(long Id, string Hash);

/// <summary>Checks the audit log, whose entries each contain the hash of the one before.</summary>
/// <remarks>Someone with write access to the database can also compute new hashes, or remove the newest entries. Compare with a head that is stored
/// elsewhere, such as in the log of Portal.</remarks>
public static class AuditChain
{
    private const int MostBroken = 20;

    /// <summary>Reads the newest entry.</summary>
    public static async Task<AuditHead?> FindHeadAsync(PortalDbContext context, CancellationToken cancellation = default) =>
        await context.AuditEntries.AsNoTracking().OrderByDescending(entry => entry.Id).Select(entry => new { entry.Id, entry.Hash }).FirstOrDefaultAsync(cancellation) is { Hash: { } hash } head
            ? new AuditHead(head.Id, Convert.ToHexStringLower(hash))
            : null;

    /// <summary>Whether an entry exists with this hash.</summary>
    public static async Task<bool> HasAsync(PortalDbContext context, AuditHead head, CancellationToken cancellation = default)
    {
        var hash = await context.AuditEntries.AsNoTracking().Where(entry => entry.Id == head.Id).Select(entry => entry.Hash).SingleOrDefaultAsync(cancellation);
        return hash is not null && Convert.ToHexStringLower(hash) == head.Hash;
    }

    /// <summary>Checks every entry.</summary>
    public static async Task<AuditChainState> CheckAsync(PortalDbContext context, CancellationToken cancellation = default)
    {
        var entries = await context.AuditEntries.CountAsync(cancellation);
        var unchained = await context.AuditEntries.CountAsync(entry => entry.Hash == null, cancellation);
        var broken = await context.Database.SqlQueryRaw<long>(context.Database.IsNpgsql() ? PostgresStatements.FindBrokenAuditEntries : SqliteStatements.FindBrokenAuditEntries).Take(MostBroken).ToListAsync(cancellation);
        return new AuditChainState(entries, unchained, await FindHeadAsync(context, cancellation), broken);
    }
}
