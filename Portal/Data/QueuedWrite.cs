using System.Diagnostics.CodeAnalysis;
using Portal.Data.Nodes;

namespace Portal.Data;

/// <summary>A write, from the time when it is queued until it has ended.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer or a wait handle, the source has nothing to free.")]
internal abstract class QueuedWrite
{
    private static readonly AsyncLocal<QueuedWrite?> Running = new();

    /// <summary>The time between two looks at the database's silence. A write has at least this time: the database may have just returned.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const int Working = 0, Committing = 1, Abandoned = 2;

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource _ending = new();
    private CancellationTokenRegistration _whenCancelled;
    private ITimer? _timer, _looks;
    private int _progress;
    private volatile bool _hasEnded;

    protected QueuedWrite(WriteQueue queue, long queuedAt, bool isUpkeep, CancellationToken cancellation)
    {
        (Queue, QueuedAt, IsUpkeep, _cancellation) = (queue, queuedAt, isUpkeep, cancellation);
        Node = new LinkedListNode<QueuedWrite>(this);
    }

    /// <summary>The write that the caller is part of; null if there is none. Work that continues after a write has ended isn't part of it.</summary>
    public static QueuedWrite? Current => Running.Value is { _hasEnded: false } write ? write : null;

    public WriteQueue Queue { get; }

    /// <summary>Its position in the list of waiting writes. Protected by the queue's lock.</summary>
    public LinkedListNode<QueuedWrite> Node { get; }

    /// <summary>A timestamp of the queue's clock.</summary>
    public long QueuedAt { get; }

    /// <summary>Whether no one waits for it.</summary>
    public bool IsUpkeep { get; }

    /// <summary>Its turn among the processes that share the database; null if there are no others.</summary>
    public WriteTurn? Turn { get; set; }

    /// <summary>The exception with which it failed; null if it didn't.</summary>
    public Exception? Failure { get; private set; }

    protected abstract bool IsCompleted { get; }

    /// <summary>Removes the write from the queue if it waits for too long or its caller cancels it.</summary>
    /// <param name="barrier">If it isn't null, the caller's wait also ends when the database server no longer answers, even if the write has begun: the
    /// connection would notice it much later.</param>
    public void ScheduleTimeout(WriteQueueOptions limits, IChangeBarrier? barrier)
    {
        _timer = limits.Clock.CreateTimer(_ => Leave(new DatabaseBusyException(Queue.IsHeld)), null, limits.LongestWait, Timeout.InfiniteTimeSpan);
        _whenCancelled = _cancellation.UnsafeRegister(static write => ((QueuedWrite)write!).Cancel(), this);
        if (barrier is not null)
            _looks = limits.Clock.CreateTimer(
                _ =>
                {
                    if (barrier.IsDatabaseSilent)
                        Abandon();
                },
                null, BetweenLooks, BetweenLooks);
        if (IsCompleted)
            Free();
    }

    /// <summary>Removes the write from the queue if it hasn't begun.</summary>
    /// <param name="why">Null if it was canceled.</param>
    public void Leave(Exception? why)
    {
        if (!Queue.TryRemove(this))
            return;
        if (why is null)
            Cancel(_cancellation);
        else
            Refuse(why);
        Free();
    }

    private void Cancel()
    {
        Leave(null);
        _ending.Cancel();
    }

    /// <summary>Call it before the write is committed.</summary>
    /// <returns>False: its caller no longer waits and was told that nothing was changed, so it must not be committed.</returns>
    public bool MayCommit() => Interlocked.CompareExchange(ref _progress, Committing, Working) != Abandoned;

    private void Abandon()
    {
        var before = Interlocked.CompareExchange(ref _progress, Abandoned, Working);
        if (before == Abandoned)
            return;
        Queue.TryRemove(this);
        Refuse(new DatabaseSilentException(mayBeStored: before == Committing));
        Free();
        // Frees the queue for the time when the database answers again. Asynchronously: the provider connects to the server to cancel a statement.
        _ = _ending.CancelAsync();
    }

    /// <summary>Runs the write until it ends. The caller that awaits it gets its failure.</summary>
    public void Run()
    {
        Task? task = null;
        void Begin()
        {
            Running.Value = this;
            task = StartSafely();
        }

        if (_context is null)
            Begin();
        else
            ExecutionContext.Run(_context, static begin => ((Action)begin!)(), (Action)Begin);
        // On SQLite, everything is completed by now. A write that waits for a server blocks this thread and none of the pool.
        if (!task!.IsCompleted)
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        Running.Value = null;
        _hasEnded = true;
        Failure = task.Exception?.InnerException;
        Finish(task);
        Free();
    }

    protected abstract Task Start(CancellationToken cancellation);
    protected abstract void Finish(Task task);
    protected abstract void Refuse(Exception why);
    protected abstract void Cancel(CancellationToken cancellation);

    [SuppressMessage("Design", "CA1031", Justification = "Goes to the one who waits for the write.")]
    private Task StartSafely()
    {
        try
        {
            return Start(_ending.Token);
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    private void Free()
    {
        _timer?.Dispose();
        _looks?.Dispose();
        // Unregister, because Dispose would wait for the callback, which may be the code that runs here.
        _whenCancelled.Unregister();
    }
}

/// <inheritdoc/>
internal sealed class QueuedWrite<T>(WriteQueue queue, long queuedAt, bool isUpkeep, Func<CancellationToken, Task<T>> write, CancellationToken cancellation)
    : QueuedWrite(queue, queuedAt, isUpkeep, cancellation)
{
    // The caller continues on a thread of the pool, not on the queue's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Completion => _completion.Task;
    protected override bool IsCompleted => _completion.Task.IsCompleted;

    protected override Task Start(CancellationToken cancellation) => write(cancellation);
    protected override void Refuse(Exception why) => _completion.TrySetException(why);
    protected override void Cancel(CancellationToken cancellation) => _completion.TrySetCanceled(cancellation);

    protected override void Finish(Task task)
    {
        if (task is Task<T> typed)
            _completion.TrySetFromTask(typed);
        else
            _completion.TrySetException(task.Exception!.InnerExceptions);
    }
}
