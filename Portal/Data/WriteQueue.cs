using Microsoft.Extensions.Options;
using Portal.Data.Nodes;

namespace Portal.Data;

/// <summary>The limits of the <see cref="WriteQueue"/>.</summary>
public sealed class WriteQueueOptions
{
    /// <summary>The longest time that a write waits for its turn and for another program's lock together.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest time that all writes together wait for another program's lock while Portal stops.</summary>
    public TimeSpan LongestWaitAtStop { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of waiting changes, and of waiting upkeep writes.</summary>
    public int MostWaiting { get; set; } = 1_000;

    /// <summary>The system's time: the locks of other programs don't follow Portal's clock.</summary>
    internal TimeProvider Clock { get; set; } = TimeProvider.System;
}

/// <summary>Runs all writes of this process one after the other on a dedicated thread.</summary>
/// <remarks>
/// <para>SQLite allows one writer at a time, and its asynchronous methods block their thread. With one queue, waiting writes block no thread of the
/// pool, run in the order of their arrival, and don't collide.</para>
/// <para><see cref="PortalDbContext.SaveChangesAsync(bool, CancellationToken)"/> and single statements (<c>ExecuteUpdateAsync</c>,
/// <c>ExecuteDeleteAsync</c>, <c>ExecuteSqlAsync</c>) are queued automatically. For a transaction, or for a change that must read and write without
/// another write in between, call <see cref="RunAsync{T}"/>. Any other write is refused: outside the queue, connections are read-only.</para>
/// <para>Changes run before upkeep, but after every <see cref="ChangesBeforeUpkeep"/> changes one waiting upkeep write gets its turn.</para>
/// </remarks>
/// <param name="barrier">Null if this process has the database for itself.</param>
/// <param name="turns">Null if this process has the database for itself.</param>
public sealed class WriteQueue(
    IOptions<WriteQueueOptions> options, IHostApplicationLifetime? lifetime = null, IChangeBarrier? barrier = null, IWriteTurns? turns = null) : IDisposable
{
    internal const int ChangesBeforeUpkeep = 16;

    /// <summary>A lock that is held for less time isn't reported: it is another write that is about to end.</summary>
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly WriteQueueOptions _limits = options.Value;
    private readonly CancellationToken _stopping = lifetime?.ApplicationStopping ?? CancellationToken.None;
    private readonly object _lock = new();
    private readonly LinkedList<QueuedWrite> _changes = [], _upkeep = [];
    private Thread? _thread;
    private bool _ended;
    private int _changesInARow;
    private long _lockAskedAt, _waitedAtStop;
    private volatile Exception? _failure;

    /// <summary>Whether the caller runs as part of a queued write.</summary>
    public bool IsCurrent => QueuedWrite.Current is { } write && write.Queue == this;

    /// <summary>Whether the caller runs as part of a queued write that no one waits for.</summary>
    internal bool IsUpkeep => IsCurrent && QueuedWrite.Current!.IsUpkeep;

    /// <summary>The number of writes that wait for their turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _changes.Count + _upkeep.Count;
        }
    }

    /// <summary>The reason why the database can't be written at present; null if none is known.</summary>
    public DatabaseFault? Fault => IsHeld ? DatabaseFault.Held : _failure is { } failure ? DatabaseErrors.Find(failure) : null;

    internal bool IsHeld => Volatile.Read(ref _lockAskedAt) is > 0 and var asked && _limits.Clock.GetElapsedTime(asked) >= Noticeable;

    /// <summary>Runs a write when its turn comes. Within another write, runs it immediately as part of that write. The change is in force on all nodes
    /// when the task ends.</summary>
    /// <param name="write">Must not wait for anything but the database: all other writes wait for it.</param>
    /// <exception cref="DatabaseBusyException">It didn't get its turn in time. Nothing was written.</exception>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> write, CancellationToken cancellation = default) =>
        QueueAsync(write, _changes, cancellation);

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<CancellationToken, Task> write, CancellationToken cancellation = default) =>
        QueueAsync(WithResult(write), _changes, cancellation);

    /// <summary>Runs a write that no one waits for, such as statistics. Changes run first.</summary>
    /// <inheritdoc cref="RunAsync{T}"/>
    public Task<T> RunUpkeepAsync<T>(Func<CancellationToken, Task<T>> write, CancellationToken cancellation = default) =>
        QueueAsync(write, _upkeep, cancellation);

    /// <inheritdoc cref="RunUpkeepAsync{T}"/>
    public Task RunUpkeepAsync(Func<CancellationToken, Task> write, CancellationToken cancellation = default) =>
        QueueAsync(WithResult(write), _upkeep, cancellation);

    /// <summary>Waits until the changes that the caller has found in the database are in force on all nodes.</summary>
    public Task ConfirmAsync() => barrier is null ? Task.CompletedTask : ChangeConfirmation.ConfirmAsync(barrier);

    /// <summary>Ends the thread after the current write. Waiting writes fail.</summary>
    public void Dispose()
    {
        List<QueuedWrite> waiting;
        lock (_lock)
        {
            _ended = true;
            waiting = [.. _changes, .. _upkeep];
            Monitor.PulseAll(_lock);
        }

        foreach (var write in waiting)
            write.Leave(new ObjectDisposedException(nameof(WriteQueue)));
        if (_thread is { } thread && thread != Thread.CurrentThread)
            thread.Join(LongestEnd);
    }

    /// <summary>Whether Portal is stopping and its writes have waited for another program's lock for the maximum time.</summary>
    internal bool IsPatienceOver => _stopping.IsCancellationRequested && Volatile.Read(ref _waitedAtStop) >= _limits.LongestWaitAtStop.Ticks;

    /// <summary>Records that the current write couldn't get SQLite's lock.</summary>
    /// <param name="since">The time of the attempt, as a timestamp of the queue's clock.</param>
    /// <returns>Whether it may try again.</returns>
    internal bool MayAskAgain(long since)
    {
        if (_stopping.IsCancellationRequested)
            Interlocked.Add(ref _waitedAtStop, _limits.Clock.GetElapsedTime(since).Ticks);
        return !IsPatienceOver && _limits.Clock.GetElapsedTime(QueuedWrite.Current?.QueuedAt ?? 0) < _limits.LongestWait;
    }

    internal long GetTimestamp() => _limits.Clock.GetTimestamp();

    /// <summary>Records that SQLite is asked for its write lock, from <see cref="LockAsked"/> until <see cref="LockAnswered"/>.</summary>
    internal void LockAsked() => Volatile.Write(ref _lockAskedAt, _limits.Clock.GetTimestamp());

    /// <inheritdoc cref="LockAsked"/>
    internal void LockAnswered() => Volatile.Write(ref _lockAskedAt, 0);

    private static Func<CancellationToken, Task<bool>> WithResult(Func<CancellationToken, Task> write) => async cancellation =>
    {
        await write(cancellation);
        return true;
    };

    private Task<T> QueueAsync<T>(Func<CancellationToken, Task<T>> write, LinkedList<QueuedWrite> waiting, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        if (IsCurrent)
            return write(cancellation);
        var isUpkeep = waiting == _upkeep;
        var queued = new QueuedWrite<T>(this, _limits.Clock.GetTimestamp(), isUpkeep, turns is null || isUpkeep ? write : InTurn(write, turns), cancellation);
        Add(queued, waiting);
        return barrier is null || queued.IsUpkeep ? queued.Completion : ConfirmAsync(queued.Completion, barrier);
    }

    /// <summary>Runs a change while no other process makes one.</summary>
    private static Func<CancellationToken, Task<T>> InTurn<T>(Func<CancellationToken, Task<T>> write, IWriteTurns turns) => async cancellation =>
    {
        await using var turn = await turns.BeginAsync(cancellation);
        QueuedWrite.Current!.Turn = turn;
        return await write(cancellation);
    };

    /// <summary>Waits for the other nodes, outside the turn of the write.</summary>
    private static async Task<T> ConfirmAsync<T>(Task<T> change, IChangeBarrier barrier)
    {
        var result = await change;
        await ChangeConfirmation.ConfirmAsync(barrier);
        return result;
    }

    private void Add(QueuedWrite write, LinkedList<QueuedWrite> waiting)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (waiting.Count >= _limits.MostWaiting)
                throw new DatabaseBusyException(IsHeld);
            waiting.AddLast(write.Node);
            if (_thread is null)
                (_thread = new Thread(Work) { IsBackground = true, Name = "Portal writes" }).UnsafeStart();
            Monitor.Pulse(_lock);
        }

        write.ScheduleTimeout(_limits, write.IsUpkeep ? null : barrier);
    }

    /// <summary>Removes a write that hasn't begun.</summary>
    internal bool TryRemove(QueuedWrite write)
    {
        lock (_lock)
        {
            if (write.Node.List is not { } waiting)
                return false;
            waiting.Remove(write.Node);
            return true;
        }
    }

    private void Work()
    {
        while (TakeNext() is { } write)
        {
            write.Run();
            LockAnswered();
            // A write that failed for another reason, such as a name that is taken, still reached the database.
            _failure = write.Failure is { } failure && DatabaseErrors.Find(failure) is not null ? failure : null;
        }
    }

    private QueuedWrite? TakeNext()
    {
        lock (_lock)
        {
            while (!_ended && _changes.Count == 0 && _upkeep.Count == 0)
                Monitor.Wait(_lock);
            if (_ended)
                return null;
            var upkeepIsNext = _changes.Count == 0 || (_upkeep.Count > 0 && _changesInARow >= ChangesBeforeUpkeep);
            _changesInARow = upkeepIsNext ? 0 : _changesInARow + 1;
            var waiting = upkeepIsNext ? _upkeep : _changes;
            var write = waiting.First!.Value;
            waiting.RemoveFirst();
            return write;
        }
    }
}
