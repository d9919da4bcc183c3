using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Portal.Data;

/// <summary>Limits the number of concurrent database reads. The others wait without blocking a thread.</summary>
/// <remarks>SQLite's asynchronous methods block their thread: without a limit, a disk that hangs would block the whole pool and with it requests that
/// need no database.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Without a wait handle there is nothing to free, and reading may go on while the host lets go.")]
public sealed class ReadLimiter(WriteQueue writes, IOptions<WriteQueueOptions> options) : DbConnectionInterceptor
{
    internal const int MostAtOnce = 8;

    private readonly SemaphoreSlim _free = new(MostAtOnce, MostAtOnce);
    private readonly ConcurrentDictionary<DbConnection, bool> _inside = new();

    /// <summary>Waits until the caller may read. Call <see cref="Leave()"/> afterwards.</summary>
    /// <exception cref="DatabaseBusyException">Too many other reads took too long.</exception>
    public ValueTask EnterAsync(CancellationToken cancellation) => _free.Wait(0, cancellation) ? default : WaitAsync(cancellation);

    public void Leave() => _free.Release();

    /// <summary>Excludes a connection that stays open without reading all the time. Its user calls <see cref="EnterAsync"/> for each read.</summary>
    public void Leave(DbConnection connection)
    {
        if (_inside.TryRemove(connection, out _))
            Leave();
    }

    /// <summary>A context keeps its connection open while it reads.</summary>
    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        // Writes have their own thread.
        if (writes.IsCurrent)
            return result;
        await EnterAsync(cancellationToken);
        _inside[connection] = true;
        return result;
    }

    public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => Leave(connection);

    public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        Leave(connection);
        return Task.CompletedTask;
    }

    public override void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => Leave(connection);

    public override Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Leave(connection);
        return Task.CompletedTask;
    }

    public override void ConnectionDisposed(DbConnection connection, ConnectionEndEventData eventData) => Leave(connection);

    public override Task ConnectionDisposedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        Leave(connection);
        return Task.CompletedTask;
    }

    private async ValueTask WaitAsync(CancellationToken cancellation)
    {
        if (!await _free.WaitAsync(options.Value.LongestWait, cancellation))
            throw new DatabaseBusyException(writes.IsHeld);
    }
}
