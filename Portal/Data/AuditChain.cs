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
    /// <summary>The number of entries that are checked at once.</summary>
    internal const int PieceSize = 20_000;

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

    /// <summary>Checks every entry, some at a time, so that Portal can go on meanwhile.</summary>
    /// <param name="progress">Receives the part that is checked, from 0 to 1.</param>
    public static async Task<AuditChainState> CheckAsync(PortalDbContext context, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var all = context.AuditEntries.AsNoTracking();
        var entries = await all.CountAsync(cancellation);
        var first = await all.OrderBy(entry => entry.Id).Where(entry => entry.Hash != null).Select(entry => (long?)entry.Id).FirstOrDefaultAsync(cancellation) ?? long.MaxValue;
        var unchained = await all.CountAsync(entry => entry.Id < first, cancellation);
        var statement = context.Database.IsNpgsql() ? PostgresStatements.FindBrokenAuditEntries : SqliteStatements.FindBrokenAuditEntries;
        List<long> broken = [];
        var (after, hash, done) = (0L, Array.Empty<byte>(), 0);
        while (await FindEndAsync(all, after, cancellation) is { } end)
        {
            if (broken.Count < MostBroken)
                broken.AddRange(await context.Database.SqlQueryRaw<long>(statement, after, end.Id, hash, first).Order().Take(MostBroken - broken.Count).ToListAsync(cancellation));
            (after, hash, done) = (end.Id, end.Hash ?? [], done + PieceSize);
            progress?.Report(Math.Min(1, (double)done / Math.Max(1, entries)));
        }

        return new AuditChainState(entries, unchained, await FindHeadAsync(context, cancellation), broken);
    }

    /// <summary>Finds the last entry of the piece after an entry.</summary>
    private static async Task<(long Id, byte[]? Hash)?> FindEndAsync(IQueryable<AuditEntry> all, long after, CancellationToken cancellation)
    {
        var rest = all.Where(entry => entry.Id > after);
        var end = await rest.OrderBy(entry => entry.Id).Select(entry => new { entry.Id, entry.Hash }).Skip(PieceSize - 1).FirstOrDefaultAsync(cancellation)
            ?? await rest.OrderByDescending(entry => entry.Id).Select(entry => new { entry.Id, entry.Hash }).FirstOrDefaultAsync(cancellation);
        return end is null ? null : (end.Id, end.Hash);
    }
}
