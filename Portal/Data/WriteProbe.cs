using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data.Postgres;
using Portal.Data.Sqlite;

namespace Portal.Data;

/// <summary>Checks whether the database can be written.</summary>
public sealed class WriteProbe(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, IOptions<WriteQueueOptions> options)
{
    /// <summary>The longest time that a health check waits.</summary>
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task? _running;

    /// <summary>Relies on the result of the last write. Only if that failed, tries to write itself.</summary>
    /// <returns>Null if the database can be written.</returns>
    public async Task<DatabaseFault?> FindFaultAsync(CancellationToken cancellation = default)
    {
        if (writes.Fault is null || writes.IsHeld)
            return writes.Fault;
        try
        {
            // The caller may have left before the write runs. The write therefore has its own context, and all callers share it.
            Task running;
            lock (_lock)
                running = _running = _running is { IsCompleted: false } ? _running : writes.RunUpkeepAsync(TryAsync, CancellationToken.None);
            await running.WaitAsync(LongestTry, options.Value.Clock, cancellation);
            return null;
        }
        catch (Exception exception) when (exception is TimeoutException || DatabaseErrors.Find(exception) is not null)
        {
            return DatabaseErrors.Find(exception) ?? writes.Fault;
        }
    }

    private async Task TryAsync(CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await (context.Database.IsNpgsql() ? PostgresDatabase.TryWriteAsync(context, cancellation) : SqliteDatabase.TryWriteAsync(context, cancellation));
    }
}
