using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>The stored data of a token that access decisions need.</summary>
/// <param name="RateLimit">As <see cref="Token.RateLimit"/>.</param>
/// <param name="Secrets">Live and retired, newest first.</param>
/// <param name="ModuleIds">The modules that were granted by name.</param>
public sealed record StoredCredential(
    long TokenId, string AccountId, string Handle, string Name, StoredStatus Status, bool AllModules, string? RateLimit,
    IReadOnlyList<StoredSecret> Secrets, IReadOnlySet<string> ModuleIds);

/// <param name="EndsAt">UTC; null if it doesn't end.</param>
/// <param name="HasEnded">Whether its end is recorded; the clock no longer matters then.</param>
public readonly record struct StoredSecret(long Id, byte[] Hash, DateTime? EndsAt, bool HasEnded = false);

/// <summary>Reads the stored credential of a token.</summary>
public interface ICredentialReader
{
    /// <returns>Null if no token has the handle.</returns>
    ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation);
}

/// <summary>Reads on connections that stay open, with statements that stay prepared: after a start, the first request with each key waits for this,
/// and an EF Core query takes many times as long.</summary>
/// <remarks>Thread-safe. Keeps as many connections as there are processors or, if reads wait for a server, as there are reads at once.</remarks>
public sealed class CredentialReader(IDbContextFactory<PortalDbContext> contexts, DatabaseDamage damage, ReadLimiter? gate = null) : ICredentialReader, IDisposable
{
    private readonly ConcurrentBag<Connection> _idle = [];

    /// <inheritdoc/>
    public async ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
    {
        if (!_idle.TryTake(out var idle))
            return await FindAsync(await Connection.OpenAsync(contexts, gate, cancellation), handle, cancellation);
        try
        {
            return await FindAsync(idle, handle, cancellation);
        }
        catch (DbException exception) when (DatabaseErrors.IsConnectionLost(exception))
        {
            // The server was restarted while the connection was idle.
            return await FindAsync(await Connection.OpenAsync(contexts, gate, cancellation), handle, cancellation);
        }
    }

    private async ValueTask<StoredCredential?> FindAsync(Connection opened, string handle, CancellationToken cancellation)
    {
        Connection? connection = opened;
        var entered = false;
        try
        {
            if (gate is not null)
                await gate.EnterAsync(cancellation);
            entered = true;
            var found = await opened.FindAsync(handle, cancellation);
            if (_idle.Count < opened.MostKept)
            {
                _idle.Add(opened);
                connection = null;
            }

            return found;
        }
        catch (DbException exception)
        {
            damage.Observe(exception);
            throw;
        }
        finally
        {
            if (entered)
                gate?.Leave();
            // This includes a connection that failed: the next request opens a new one.
            connection?.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
            connection.Dispose();
    }

    private sealed class Connection : IDisposable
    {
        // A single statement, because a change between several could produce a credential that never existed. Each secret is returned with each
        // module; nearly always there are one or two secrets.
        private const string Statement =
            """
            SELECT t."Id", t."AccountId", t."Name", t."Status", t."AllModules", t."RateLimit", s."Id", s."Hash", s."EndsAt", p."ModuleId", s."EndedAt"
            FROM "Tokens" AS t
            LEFT JOIN "TokenSecrets" AS s ON s."TokenId" = t."Id"
            LEFT JOIN "TokenPermissions" AS p ON p."TokenId" = t."Id"
            WHERE t."Handle" = @handle
            ORDER BY s."Id" DESC
            """;

        private readonly PortalDbContext _context;
        private readonly DbCommand _command;
        private readonly DbParameter _handle;

        private Connection(PortalDbContext context)
        {
            _context = context;
            _command = context.Database.GetDbConnection().CreateCommand();
            _command.CommandText = Statement;
            _handle = _command.CreateParameter();
            _handle.ParameterName = "@handle";
            _command.Parameters.Add(_handle);
        }

        public int MostKept => _context.Database.IsNpgsql() ? Math.Max(ReadLimiter.MostAtOnce, Environment.ProcessorCount) : Environment.ProcessorCount;

        public static async Task<Connection> OpenAsync(IDbContextFactory<PortalDbContext> contexts, ReadLimiter? gate, CancellationToken cancellation)
        {
            var context = await contexts.CreateDbContextAsync(cancellation);
            try
            {
                await context.Database.OpenConnectionAsync(cancellation);
                gate?.Leave(context.Database.GetDbConnection());
                return new Connection(context);
            }
            catch
            {
                await context.DisposeAsync();
                throw;
            }
        }

        public async Task<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
        {
            _handle.Value = handle;
            await using var row = await _command.ExecuteReaderAsync(cancellation);
            if (!await row.ReadAsync(cancellation))
                return null;
            var secrets = new List<StoredSecret>(1);
            var modules = new HashSet<string>(StringComparer.Ordinal);
            var token = new StoredCredential(
                row.GetInt64(0), row.GetString(1), handle, row.GetString(2), (StoredStatus)row.GetInt32(3), row.GetBoolean(4),
                row.IsDBNull(5) ? null : row.GetString(5), secrets, modules);
            do
            {
                if (!row.IsDBNull(6) && (secrets.Count == 0 || secrets[^1].Id != row.GetInt64(6)))
                    secrets.Add(new StoredSecret(row.GetInt64(6), row.GetFieldValue<byte[]>(7), row.IsDBNull(8) ? null : Utc(row.GetDateTime(8)), !row.IsDBNull(10)));
                if (!row.IsDBNull(9))
                    modules.Add(row.GetString(9));
            }
            while (await row.ReadAsync(cancellation));
            return token;
        }

        public void Dispose()
        {
            _command.Dispose();
            _context.Dispose();
        }

        private static DateTime Utc(DateTime stored) => DateTime.SpecifyKind(stored, DateTimeKind.Utc);
    }
}
