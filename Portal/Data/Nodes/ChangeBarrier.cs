using Microsoft.Extensions.Options;

namespace Portal.Data.Nodes;

/// <inheritdoc cref="IChangeBarrier"/>
/// <remarks>
/// <para>A node no longer does once it has applied the change or its lease has ended. A lease begins before a read of the changes, so after a full lease
/// since the commit no node does, whether the database answers or not. Only with <see cref="NodeOptions.ServeWithoutDatabase"/>, nodes may do so for
/// longer; the result names them.</para>
/// <para>All changes that wait share one query at a time.</para>
/// </remarks>
internal sealed partial class ChangeBarrier(
    INodeStore store, NodeWatch watch, Wakeup follower, IChangeNotifications notifications, NodeMetrics metrics, IOptions<NodeOptions> options, TimeProvider clock,
    ILogger<ChangeBarrier> logger) : IChangeBarrier, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(3), LongestPause = TimeSpan.FromMilliseconds(25);

    /// <summary>By how much each pause is longer than the last one. Nearly all changes are confirmed within the first ones.</summary>
    private const double Growth = 1.25;

    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];
    private readonly Wakeup _added = new(clock);
    private bool _isPolling;

    /// <inheritdoc/>
    public bool IsDatabaseSilent => watch.IsDatabaseSilent;

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnconfirmedNode>> WaitAsync(IProgress<ChangeProgress>? progress)
    {
        var waiting = new Waiting(clock.GetTimestamp(), clock.GetUtcNow().UtcDateTime + options.Value.Silence, progress);
        lock (_lock)
        {
            _waiting.Add(waiting);
            if (!_isPolling)
            {
                _isPolling = true;
                // The loop serves all changes, so it must not run as a part of this one.
                using (ExecutionContext.SuppressFlow())
                    _ = Task.Run(PollAsync);
            }
        }

        _added.Raise();
        return waiting.Result.Task;
    }

    public void Dispose() => _added.Dispose();

    private async Task PollAsync()
    {
        for (var pause = FirstPause; TakeWaiting() is { } waiting; pause = Longer(pause))
        {
            // Whoever is added during the read waits for the next one, which begins after the commit.
            var read = await TryReadAsync();
            if (read is not null && waiting.Exists(change => change.Last is null))
                Wake(read);
            if (waiting.RemoveAll(change => Conclude(change, read)) > 0)
                pause = FirstPause;
            await _added.PauseAsync(pause, CancellationToken.None);
        }
    }

    private List<Waiting>? TakeWaiting()
    {
        lock (_lock)
        {
            _isPolling = _waiting.Count > 0;
            return _isPolling ? [.. _waiting] : null;
        }
    }

    private async Task<NodesRead?> TryReadAsync()
    {
        using var limit = new CancellationTokenSource(options.Value.StatementTimeout, TimeProvider.System);
        try
        {
            var read = await store.ReadNodesAsync(limit.Token);
            foreach (var node in watch.Observe(read))
                await store.DeclareDeadAsync(node.Id, node.Renewal, limit.Token);
            return read;
        }
        catch (Exception exception)
        {
            // The change is stored. After a lease, it is in force even if the database doesn't answer any more.
            var failure = StoreFailure.Of(exception);
            LogNotRead(failure.Unexpected, failure.Reason);
            return null;
        }
    }

    /// <summary>Lets the nodes read the changes now.</summary>
    private void Wake(NodesRead read)
    {
        if (!read.Live.Any(node => node.ReadThrough < read.Last))
            return;
        follower.Raise();
        if (read.Live.Count > 1)
            // Its failures are ignored, and no change waits for it.
            _ = NotifyAsync();
    }

    private async Task NotifyAsync()
    {
        using var limit = new CancellationTokenSource(options.Value.StatementTimeout, TimeProvider.System);
        await notifications.SendAsync(limit.Token);
    }

    /// <returns>Whether the change no longer waits.</returns>
    private bool Conclude(Waiting change, NodesRead? read)
    {
        if (read is not null)
            Compare(change, read);
        var isConfirmed = read is not null && change.Unconfirmed!.Count == 0;
        if (!isConfirmed && clock.GetElapsedTime(change.Since) < options.Value.LongestWait && !IsHopeless(change))
            return false;
        lock (_lock)
            _waiting.Remove(change);
        metrics.Confirmed(clock.GetElapsedTime(change.Since));
        change.Result.TrySetResult(isConfirmed ? [] : Remaining(change));
        return true;
    }

    private static void Compare(Waiting change, NodesRead read)
    {
        change.Last ??= read.Last;
        change.Unconfirmed = [.. read.Live.Where(node => node.ReadThrough < change.Last)];
        var now = new ChangeProgress(read.Live.Count - change.Unconfirmed.Count, read.Live.Count);
        if (change.Reported == now)
            return;
        change.Reported = now;
        change.Progress?.Report(now);
    }

    /// <summary>Whether all nodes that are missing serve without the database, as far as this one knows. Then the result names them. Otherwise, only
    /// time can tell: a renewal that takes long may be stored after the last read.</summary>
    private bool IsHopeless(Waiting change) =>
        options.Value.ServeWithoutDatabase > TimeSpan.Zero
        && change.Unconfirmed is { Count: > 0 } nodes && nodes.All(node => watch.SilenceOf(node) >= options.Value.LongestWait);

    /// <remarks>The lease of a node that is silent can have begun just before the change was committed: a renewal may be on its way.</remarks>
    private IReadOnlyList<UnconfirmedNode> Remaining(Waiting change)
    {
        if (options.Value.ServeWithoutDatabase == TimeSpan.Zero)
            return [];
        return change.Unconfirmed is { } nodes
            ? [.. nodes.Select(node => new UnconfirmedNode(node.Name, change.LatestEnd))]
            : [new UnconfirmedNode(null, change.LatestEnd)];
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * Growth < LongestPause ? pause * Growth : LongestPause;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason} after it stored a change. The change is in force on all nodes when their leases have ended")]
    private partial void LogNotRead(Exception? exception, string reason);

    /// <param name="since">A timestamp from after the commit.</param>
    /// <param name="latestEnd">The end of all leases that began before it, in UTC.</param>
    private sealed class Waiting(long since, DateTime latestEnd, IProgress<ChangeProgress>? progress)
    {
        public long Since => since;
        public DateTime LatestEnd => latestEnd;
        public IProgress<ChangeProgress>? Progress => progress;
        public TaskCompletionSource<IReadOnlyList<UnconfirmedNode>> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The last change at the first read after the commit: the change itself or a later one.</summary>
        public long? Last { get; set; }

        /// <summary>The live nodes that hadn't applied it at the last read; null if there was none.</summary>
        public IReadOnlyList<NodeRow>? Unconfirmed { get; set; }

        public ChangeProgress? Reported { get; set; }
    }
}
