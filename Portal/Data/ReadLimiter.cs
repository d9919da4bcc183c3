using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Portal.Data;

/// <summary>Lets a bounded number of reads at the database at once. The others wait without a thread.</summary>
/// <remarks>SQLite's asynchronous methods block their thread: a disk that hangs must not take all of the pool, and with them the requests
/// that need no database.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Without a wait handle there is nothing to free, and reading may go on while the host lets go.")]
public sealed class ReadLimiter(WriteQueue writes, IOptions<WriteQueueOptions> options) : DbConnectionInterceptor
{
    internal const int MostAtOnce = 8;

    private readonly SemaphoreSlim _free = new(MostAtOnce, MostAtOnce);
    private readonly ConcurrentDictionary<DbConnection, bool> _inside = new();

    /// <summary>Waits until it may read; to be followed by <see cref="Leave()"/>.</summary>
    /// <exception cref="DatabaseBusyException">Too many others read for too long.</exception>
    public ValueTask EnterAsync(CancellationToken cancellation) => _free.Wait(0, cancellation) ? default : WaitAsync(cancellation);

    public void Leave() => _free.Release();

    /// <summary>Lets a connection stay open that does not read all the time; who reads on it enters for each read.</summary>
    public void Leave(DbConnection connection)
    {
        if (_inside.TryRemove(connection, out _))
            Leave();
    }

    /// <summary>A context has its connection open while it reads.</summary>
    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        // What writes has a thread of its own.
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
