using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portal.Data.Postgres;

namespace Portal.Data;

/// <summary>Writes statistics in one transaction: with a prepared statement for each row on SQLite, and with one statement for all rows of a table on a
/// server.</summary>
/// <remarks>EF Core has no upsert. Not thread-safe.</remarks>
public sealed class CountStore : IAsyncDisposable
{
    private const string FindRecentStatement = """SELECT "Entries" FROM "RecentRequests" WHERE "TokenId" = @p0""";

    private readonly PortalDbContext _context;
    private readonly IDbContextTransaction _transaction;
    private readonly Dictionary<string, DbCommand> _commands = [];

    /// <summary>Takes the rows until the commit; null if the database has no round trips to save.</summary>
    private readonly PostgresCounts? _collected;

    private CountStore(PortalDbContext context, IDbContextTransaction transaction)
    {
        (_context, _transaction) = (context, transaction);
        _collected = context.Database.IsNpgsql() ? new PostgresCounts() : null;
    }

    /// <summary>Begins the transaction. Call it only within a write of the <see cref="WriteQueue"/>.</summary>
    /// <param name="context">The store takes ownership of it.</param>
    public static async Task<CountStore> BeginAsync(PortalDbContext context, CancellationToken cancellation)
    {
        try
        {
            return new CountStore(context, await context.Database.BeginTransactionAsync(cancellation));
        }
        catch
        {
            await context.DisposeAsync();
            throw;
        }
    }

    public void Add(DailyCount added) => Execute(
        CountKind.DailyCounts,
        """
        INSERT INTO "DailyCounts" ("TokenId", "Day", "ModuleId", "StatusCode", "Reason", "Count") VALUES (@p0, @p1, @p2, @p3, @p4, @p5)
        ON CONFLICT ("TokenId", "Day", "ModuleId", "StatusCode", "Reason") DO UPDATE SET "Count" = "DailyCounts"."Count" + excluded."Count"
        """,
        added.TokenId, added.Day, added.ModuleId, added.StatusCode, added.Reason, added.Count);

    public void Add(LatencyCount added) => Execute(
        CountKind.LatencyCounts,
        """
        INSERT INTO "LatencyCounts" ("TokenId", "Day", "Bucket", "Count") VALUES (@p0, @p1, @p2, @p3)
        ON CONFLICT ("TokenId", "Day", "Bucket") DO UPDATE SET "Count" = "LatencyCounts"."Count" + excluded."Count"
        """,
        added.TokenId, added.Day, added.Bucket, added.Count);

    public void Add(HourlyCount added) => Execute(
        CountKind.HourlyCounts,
        """
        INSERT INTO "HourlyCounts" ("Hour", "TokenId", "Success", "Redirection", "ClientError", "ServerError") VALUES (@p0, @p1, @p2, @p3, @p4, @p5)
        ON CONFLICT ("Hour", "TokenId") DO UPDATE SET
            "Success" = "HourlyCounts"."Success" + excluded."Success", "Redirection" = "HourlyCounts"."Redirection" + excluded."Redirection",
            "ClientError" = "HourlyCounts"."ClientError" + excluded."ClientError", "ServerError" = "HourlyCounts"."ServerError" + excluded."ServerError"
        """,
        added.Hour, added.TokenId, added.Success, added.Redirection, added.ClientError, added.ServerError);

    /// <summary>Records a use, unless a later one is stored: uses may arrive in any order.</summary>
    /// <param name="address">As text; null if unknown.</param>
    /// <param name="moduleId">Null if there is none.</param>
    /// <param name="client">The user agent; null if the client sends none.</param>
    public void MarkTokenUsed(long tokenId, DateTime at, string? address, string? moduleId, string? client) => Execute(
        CountKind.TokenUses,
        """
        UPDATE "Tokens" SET "LastUsedAt" = @p1, "LastUsedAddress" = @p2, "LastUsedModuleId" = @p3, "LastUsedClient" = @p4
        WHERE "Id" = @p0 AND ("LastUsedAt" IS NULL OR "LastUsedAt" <= @p1)
        """,
        tokenId, at, address, moduleId, client);

    /// <summary>Records the last use of a secret and its requests of the latest day.</summary>
    /// <param name="day">The day of the requests; null if there are none to count.</param>
    public void MarkSecretUsed(long secretId, DateTime at, DateOnly? day, long requests) => Execute(
        CountKind.SecretUses,
        """
        UPDATE "TokenSecrets" SET
            "LastUsedAt" = CASE WHEN "LastUsedAt" >= @p1 THEN "LastUsedAt" ELSE @p1 END,
            "UsedCount" = CASE WHEN "UsedOn" = @p2 THEN "UsedCount" + @p3 WHEN "UsedOn" > @p2 OR @p2 IS NULL THEN "UsedCount" ELSE @p3 END,
            "UsedOn" = CASE WHEN "UsedOn" > @p2 OR @p2 IS NULL THEN "UsedOn" ELSE @p2 END
        WHERE "Id" = @p0
        """,
        secretId, at, day, requests);

    public void MarkModuleUsed(long tokenId, string moduleId, DateTime at) => Execute(
        CountKind.ModuleUses,
        """
        INSERT INTO "ModuleUses" ("TokenId", "ModuleId", "LastUsedAt") VALUES (@p0, @p1, @p2)
        ON CONFLICT ("TokenId", "ModuleId") DO UPDATE SET "LastUsedAt" = excluded."LastUsedAt"
        WHERE "ModuleUses"."LastUsedAt" < excluded."LastUsedAt"
        """,
        tokenId, moduleId, at);

    public void MarkAddressSeen(SeenAddress seen) => Execute(
        CountKind.SeenAddresses,
        """
        INSERT INTO "SeenAddresses" ("TokenId", "Address", "LastSeenOn") VALUES (@p0, @p1, @p2)
        ON CONFLICT ("TokenId", "Address") DO UPDATE SET "LastSeenOn" = excluded."LastSeenOn"
        WHERE "SeenAddresses"."LastSeenOn" < excluded."LastSeenOn"
        """,
        seen.TokenId, AddressConverter.ToBytes(seen.Address), seen.LastSeenOn);

    /// <summary>Removes all addresses of a token except the latest.</summary>
    public void KeepLatestAddresses(long tokenId, int count) => Execute(
        CountKind.FormerAddresses,
        """
        DELETE FROM "SeenAddresses" WHERE "TokenId" = @p0 AND "Address" NOT IN (
            SELECT "Address" FROM "SeenAddresses" WHERE "TokenId" = @p0 ORDER BY "LastSeenOn" DESC, "Address" LIMIT @p1)
        """,
        tokenId, count);

    /// <summary>Reads the addresses from which tokens were used before.</summary>
    public async Task<ILookup<long, UInt128>> FindAddressesAsync(long[] tokenIds, CancellationToken cancellation) =>
        (await _context.SeenAddresses.AsNoTracking().Where(seen => tokenIds.Contains(seen.TokenId)).Select(seen => new { seen.TokenId, seen.Address }).ToListAsync(cancellation))
        .ToLookup(seen => seen.TokenId, seen => seen.Address);

    /// <summary>On a server, reads and locks the stored requests of tokens together: other nodes add to them as well. Call it before
    /// <see cref="FindRecent"/>.</summary>
    public Task LockRecentAsync(IEnumerable<long> tokenIds, CancellationToken cancellation) => _collected is null
        ? Task.CompletedTask
        : _collected.LockRecentAsync(_context.Database.GetDbConnection(), _transaction.GetDbTransaction(), tokenIds, cancellation);

    /// <summary>Reads the stored requests of a token.</summary>
    /// <returns>Null or no bytes if nothing is stored for the token yet.</returns>
    public byte[]? FindRecent(long tokenId) =>
        _collected is null ? Prepare(FindRecentStatement, tokenId).ExecuteScalar() as byte[] : _collected.FindRecent(tokenId);

    public void Replace(RecentRequests recent) => Execute(
        CountKind.RecentRequests,
        """
        INSERT INTO "RecentRequests" ("TokenId", "LastOn", "Entries") VALUES (@p0, @p1, @p2)
        ON CONFLICT ("TokenId") DO UPDATE SET "LastOn" = excluded."LastOn", "Entries" = excluded."Entries"
        """,
        recent.TokenId, recent.LastOn, recent.Entries);

    /// <summary>Finds which of the tokens exist.</summary>
    public static async Task<HashSet<long>> ExistingTokensAsync(PortalDbContext context, IReadOnlyCollection<long> ids, CancellationToken cancellation) =>
        [.. await context.Tokens.Where(token => ids.Contains(token.Id)).Select(token => token.Id).ToListAsync(cancellation)];

    /// <summary>Commits. It can't be canceled: counts that are written but still in memory would be counted twice.</summary>
    public async Task CommitAsync()
    {
        if (_collected is not null)
            await _collected.WriteAsync(_context.Database.GetDbConnection(), _transaction.GetDbTransaction());
        await _transaction.CommitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
            await command.DisposeAsync();
        await _transaction.DisposeAsync();
        await _context.DisposeAsync();
    }

    private void Execute(CountKind kind, string statement, params ReadOnlySpan<object?> values)
    {
        if (_collected is null)
            Prepare(statement, values).ExecuteNonQuery();
        else
            _collected.Add(kind, values.ToArray());
    }

    private DbCommand Prepare(string statement, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(statement, out var command))
        {
            command = _commands[statement] = _context.Database.GetDbConnection().CreateCommand();
            (command.CommandText, command.Transaction) = (statement, _transaction.GetDbTransaction());
            for (var i = 0; i < values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                command.Parameters.Add(parameter);
            }
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
