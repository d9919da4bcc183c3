using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>Reads on connections that stay open, with statements that stay prepared: after a start, the first request with each key waits for this,
/// and an EF Core query takes many times as long.</summary>
/// <remarks>Thread-safe. Keeps as many connections as there are processors. On a database server, <c>Postgres.PostgresCredentialReader</c> is used instead.</remarks>
public sealed class CredentialReader(IDbContextFactory<PortalDbContext> contexts, DatabaseDamage damage, ReadLimiter? gate = null) : ICredentialReader, IDisposable
{
    private const string Statement = CredentialRows.Columns + CredentialRows.Tables + """WHERE t."Handle" = @handle ORDER BY s."Id" DESC""";

    private readonly ConcurrentBag<OpenCommand> _idle = [];

    /// <inheritdoc/>
    public async ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
    {
        if (!_idle.TryTake(out var opened))
            opened = await OpenCommand.OpenAsync(contexts, gate, Statement, "@handle", cancellation);
        OpenCommand? broken = opened;
        var entered = false;
        try
        {
            if (gate is not null)
                await gate.EnterAsync(cancellation);
            entered = true;
            StoredCredential? found = null;
            await using (var rows = await opened.ReadAsync(handle, cancellation))
                await CredentialRows.ReadAsync(rows, credential => found = credential, cancellation);
            if (_idle.Count < Environment.ProcessorCount)
            {
                _idle.Add(opened);
                broken = null;
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
            broken?.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
            connection.Dispose();
    }
}
