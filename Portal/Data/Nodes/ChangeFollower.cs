using Microsoft.Extensions.Options;

namespace Portal.Data.Nodes;

/// <summary>Keeps the memory of this node up to date with the change log, and its lease alive.</summary>
/// <remarks>
/// <para>A cycle reads the changes, applies them, and renews the lease. The lease begins before the read. A node that trusts its memory has therefore
/// applied everything that was committed before the lease began, even if it was stopped in between, and without comparing clocks.</para>
/// <para>A renewal fails if the node was declared dead: nobody waits for it then. It joins under a new ID, and only a read that begins after that
/// counts. <c>BarrierModelTests</c> explores all interleavings of these steps.</para>
/// </remarks>
internal sealed partial class ChangeFollower(
    INodeStore store, NodeLease lease, NodeWatch watch, Wakeup wakeup, IChangeNotifications notifications, IEnumerable<IChangeListener> listeners,
    NodeIdentity identity, NodeMetrics metrics, IOptions<NodeOptions> options, TimeProvider clock, ILogger<ChangeFollower> logger) : BackgroundService
{
    /// <summary>The time between two cycles without a notification. After a change, others often follow: without notifications, it is shorter for a while
    /// then.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200), ShortInterval = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1), BetweenWatches = TimeSpan.FromSeconds(1), BetweenPrunings = TimeSpan.FromMinutes(10);

    private readonly IChangeListener[] _listeners = [.. listeners];
    private volatile Joined? _joined;
    private long _readThrough, _changedAt, _watchedAt, _prunedAt = clock.GetTimestamp();
    private bool _isInDoubt = true, _isFailing;

    /// <summary>The number of the last change that this node has applied.</summary>
    public long ReadThrough => Volatile.Read(ref _readThrough);

    /// <summary>The ID of the node's row; null if it hasn't joined.</summary>
    public Guid? Id => _joined?.Id;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        lease.End();
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // In this order: changes no longer wait for this node then.
        lease.End();
        watch.StopAsking();
        if (Id is not { } id)
            return;
        using var limit = Limit(cancellationToken);
        try
        {
            await store.LeaveAsync(id, limit.Token);
        }
        catch (Exception exception)
        {
            var failure = StoreFailure.Of(exception);
            LogNotLeft(failure.Unexpected, failure.Reason);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CycleAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Doubt(exception);
            }

            var busy = !_isFailing && !notifications.IsListening && clock.GetElapsedTime(_changedAt) < Busy;
            await wakeup.PauseAsync(busy ? ShortInterval : Interval, stoppingToken);
        }
    }

    /// <summary>Reads the changes, applies them, and renews the lease.</summary>
    internal async Task CycleAsync(CancellationToken cancellation)
    {
        using var limit = Limit(cancellation);
        if (Id is not { } id)
        {
            id = Guid.CreateVersion7();
            await store.JoinAsync(identity, id, limit.Token);
            (_joined, _isInDoubt) = (new Joined(id), true);
        }

        // Everything that is committed before this moment is part of the read.
        var began = clock.GetTimestamp();
        Apply(await store.ReadChangesAsync(_readThrough, limit.Token));
        if (await store.RenewAsync(id, _readThrough, limit.Token))
            lease.Extend(began, options.Value.Trust);
        else
            Rejoin();
        watch.Answered();
        if (_isFailing)
            LogRecovered();
        _isFailing = false;
        await WatchAsync(limit.Token);
    }

    private void Apply(ChangesRead read)
    {
        if (_isInDoubt || !IsComplete(read))
        {
            // After the read: memory that is filled from now on includes all changes up to the last one that was read.
            foreach (var listener in _listeners)
                listener.DropAll();
        }
        else
        {
            foreach (var change in read.Changes)
                foreach (var listener in _listeners)
                    listener.Changed(change);
        }

        metrics.Read(Math.Max(0, read.Last - _readThrough));
        if (read.Last != _readThrough)
            _changedAt = clock.GetTimestamp();
        _isInDoubt = false;
        Volatile.Write(ref _readThrough, read.Last);
    }

    /// <summary>Whether the changes continue without a gap from the last one that was applied up to the last one of the log.</summary>
    private bool IsComplete(ChangesRead read)
    {
        // The log of another server, or of a backup, can end earlier.
        if (read.Last - _readThrough != read.Changes.Count)
            return false;
        for (var i = 0; i < read.Changes.Count; i++)
            if (read.Changes[i].Sequence != _readThrough + 1 + i)
                return false;
        return true;
    }

    private void Rejoin()
    {
        LogDeclaredDead();
        _joined = null;
        wakeup.Raise();
    }

    private void Doubt(Exception exception)
    {
        // The answer of another server may be next. Until then, the lease goes on.
        _isInDoubt = true;
        var failure = StoreFailure.Of(exception);
        if (!_isFailing)
            LogFailing(failure.Unexpected, failure.Reason, lease.Remaining ?? TimeSpan.Zero);
        _isFailing = true;
    }

    /// <summary>Declares nodes dead whose lease has ended, so that later changes don't wait for them, and removes what is old.</summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        if (clock.GetElapsedTime(_watchedAt) < BetweenWatches)
            return;
        var read = await store.ReadNodesAsync(cancellation);
        _watchedAt = clock.GetTimestamp();
        foreach (var node in watch.Observe(read))
            if (await store.DeclareDeadAsync(node.Id, node.Renewal, cancellation))
                LogDead(node.Name);
        if (clock.GetElapsedTime(_prunedAt) < BetweenPrunings)
            return;
        _prunedAt = clock.GetTimestamp();
        await store.PruneAsync(cancellation);
    }

    private CancellationTokenSource Limit(CancellationToken cancellation)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Value.StatementTimeout);
        return limit;
    }

    /// <summary>A class, so that other threads never see a part of the ID.</summary>
    private sealed record Joined(Guid Id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}, so this node does not learn the changes of other nodes. It trusts its memory for another {Remaining}, then it reads the database for each request")]
    private partial void LogFailing(Exception? exception, string reason, TimeSpan remaining);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node reads the changes of other nodes again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another node declared this one dead because it did not renew its lease in time. It joins again with an empty memory")]
    private partial void LogDeclaredDead();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node {Node} has not renewed its lease in time. Changes no longer wait for it until it joins again")]
    private partial void LogDead(string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}, so the other nodes do not know that this one stops. The next change waits until its lease has ended")]
    private partial void LogNotLeft(Exception? exception, string reason);
}
