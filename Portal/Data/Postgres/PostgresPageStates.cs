using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Distributed;

namespace Portal.Data.Postgres;

/// <summary>Keeps the states of pages that lost their connection, so that they continue on any node. The framework gives them in plain text, so they
/// are encrypted, and only the hashes of their IDs are stored: with an ID, a page can be continued.</summary>
internal sealed class PostgresPageStates(IDbContextFactory<PortalDbContext> contexts, IDataProtectionProvider protection, TimeProvider clock) : IDistributedCache
{
    private const string Purpose = "Portal.Data.PageStates.v1";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var value = await RunAsync(
            """SELECT "Content" FROM "PageStates" WHERE "Key" = @key AND "Until" > @now""", command => command.ExecuteScalarAsync(token), token, ("@key", HashOf(key)), ("@now", Now));
        try
        {
            return value is byte[] content ? _protector.Unprotect(content) : null;
        }
        catch (CryptographicException)
        {
            // Its key was removed from the key ring.
            return null;
        }
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var until = Now + (options.AbsoluteExpirationRelativeToNow ?? TimeSpan.FromHours(1));
        await RunAsync(
            """
            WITH ended AS (DELETE FROM "PageStates" WHERE "Key" IN (SELECT "Key" FROM "PageStates" WHERE "Until" < @now ORDER BY "Until" LIMIT 1000 FOR UPDATE SKIP LOCKED))
            INSERT INTO "PageStates" ("Key", "Content", "Until") VALUES (@key, @content, @until)
            ON CONFLICT ("Key") DO UPDATE SET "Content" = excluded."Content", "Until" = excluded."Until"
            """,
            command => command.ExecuteNonQueryAsync(token), token, ("@key", HashOf(key)), ("@now", Now), ("@content", _protector.Protect(value)), ("@until", until));
    }

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        RunAsync("""DELETE FROM "PageStates" WHERE "Key" = @key""", command => command.ExecuteNonQueryAsync(token), token, ("@key", HashOf(key)));

    /// <summary>States don't live longer because they are read.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Refresh(string key)
    {
    }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private async Task<T> RunAsync<T>(string statement, Func<System.Data.Common.DbCommand, Task<T>> run, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand(statement, parameters);
        return await run(command);
    }
}
