using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Data.Nodes;

namespace Portal.Tests.Data.Nodes;

public sealed class ChangeBarrierTests : IDisposable
{
    private readonly PausedClock _clock = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryNodeStore _store = new();
    private readonly TestMeters _meters = new();
    private readonly SentNotifications _notifications = new();
    private readonly Wakeup _follower;
    private readonly NodeRow _a = new(Guid.CreateVersion7(), "a", 5, 0), _b = new(Guid.CreateVersion7(), "b", 5, 0);
    private NodeOptions _limits = new();

    public ChangeBarrierTests() => _follower = new Wakeup(_clock);

    public void Dispose()
    {
        _follower.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Wait_NothingWasLogged_ReadsOnce()
    {
        _store.Set(_a);
        using var barrier = CreateBarrier();

        Assert.Empty(await barrier.WaitAsync(null));

        Assert.Equal(["nodes"], _store.Calls);
    }

    [Fact]
    public async Task Wait_UntilEveryNodeHasRead_TellsTheProgress()
    {
        _store.Change("SU-1");
        _store.Set(_a);
        _store.Set(_b);
        using var barrier = CreateBarrier();
        var progress = new Reported();

        var waiting = barrier.WaitAsync(progress);
        await AdvanceUntilAsync(() => progress.Values.Contains(new ChangeProgress(0, 2)));
        _store.Set(_a with { Renewal = 6, ReadThrough = 1 });
        await AdvanceUntilAsync(() => progress.Values.Contains(new ChangeProgress(1, 2)));
        Assert.False(waiting.IsCompleted);
        // A change that comes later doesn't matter.
        _store.Change("SU-2");
        _store.Set(_b with { Renewal = 6, ReadThrough = 1 });
        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.Empty(await waiting);
        Assert.Equal([new(0, 2), new(1, 2), new(2, 2)], progress.Values);
    }

    [Fact]
    public async Task Wait_NodeJoinsMeanwhile_WaitsForItToo()
    {
        _store.Change("SU-1");
        _store.Set(_a);
        using var barrier = CreateBarrier();

        var waiting = barrier.WaitAsync(null);
        await _store.WhenAsync(calls => calls.Contains("nodes"));
        _store.Set(_b);
        _store.Set(_a with { ReadThrough = 1 });
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        _store.Set(_b with { ReadThrough = 1 });
        await AdvanceUntilAsync(() => waiting.IsCompleted);
    }

    [Fact]
    public async Task Wait_NodeIsSilent_ReturnsWhenItsLeaseHasEndedAndNotBefore()
    {
        _store.Change("SU-1");
        _store.Set(_a);
        using var barrier = CreateBarrier();

        var waiting = barrier.WaitAsync(null);
        await AdvanceAsync(_limits.LongestWait - TimeSpan.FromMilliseconds(50));
        Assert.False(waiting.IsCompleted);
        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.Empty(await waiting);
    }

    [Fact]
    public async Task Wait_DatabaseDoesNotAnswer_ReturnsWhenAllLeasesHaveEnded()
    {
        _store.OnCall = _ => throw new TimeoutException();
        using var barrier = CreateBarrier();

        var waiting = barrier.WaitAsync(null);
        await AdvanceAsync(_limits.LongestWait - TimeSpan.FromMilliseconds(50));
        Assert.False(waiting.IsCompleted);
        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.Empty(await waiting);
    }

    [Fact]
    public async Task Wait_NodesServeWithoutDatabase_SaysWhichOneAndUntilWhen()
    {
        _limits = new NodeOptions { ServeWithoutDatabase = TimeSpan.FromMinutes(10) };
        _store.Change("SU-1");
        _store.Set(_a with { ReadThrough = 1 });
        _store.Set(_b);
        using var barrier = CreateBarrier();
        var until = _clock.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(10) + _limits.LongestWait;

        var waiting = barrier.WaitAsync(null);
        await AdvanceUntilAsync(() => waiting.IsCompleted);
        Assert.Equal([new UnconfirmedNode("b", until)], await waiting);

        // The next change doesn't wait for a node that is known to be silent.
        _clock.Advance(TimeSpan.FromSeconds(1));
        var next = Assert.Single(await barrier.WaitAsync(null));
        Assert.Equal("b", next.Name);
        Assert.Equal(_clock.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(10) + _limits.LongestWait, next.Until);
    }

    [Fact]
    public async Task Wait_RenewalOfASilentNodeIsStoredLate_WaitsForTheWholeLease()
    {
        _store.Set(_a);
        using var barrier = CreateBarrier();
        // The node has read neither change.
        var isRenewed = false;
        _store.OnCall = call =>
        {
            if (call == "declare dead" && !isRenewed)
            {
                isRenewed = true;
                _store.Set(_a with { Renewal = _a.Renewal + 1 });
            }
        };
        _store.Change("SU-1");
        var first = barrier.WaitAsync(null);
        await AdvanceAsync(_limits.LongestWait - TimeSpan.FromMilliseconds(500));
        _store.Change("SU-2");
        var second = barrier.WaitAsync(null);
        await AdvanceUntilAsync(() => isRenewed && first.IsCompleted);
        await AdvanceAsync(_limits.LongestWait - TimeSpan.FromSeconds(1));
        Assert.False(second.IsCompleted);
        await AdvanceUntilAsync(() => second.IsCompleted);
    }

    [Fact]
    public async Task Wait_ManyChangesAtOnce_ShareTheQueries()
    {
        _store.Change("SU-1");
        _store.Set(_a);
        using var barrier = CreateBarrier();

        var waiting = Enumerable.Range(0, 500).Select(_ => barrier.WaitAsync(null)).ToList();
        await _store.WhenAsync(calls => calls.Contains("nodes"));
        _store.Set(_a with { ReadThrough = 1 });
        await AdvanceUntilAsync(() => waiting.TrueForAll(change => change.IsCompleted));

        Assert.InRange(_store.Calls.Count, 1, 100);
    }

    [Fact]
    public async Task Wait_OtherNodesHaveNotRead_AreNotifiedOnceForEachChange()
    {
        _store.Change("SU-1");
        _store.Set(_a with { ReadThrough = 1 });
        _store.Set(_b);
        using var barrier = CreateBarrier();
        for (var change = 1; change <= 3; change++)
        {
            var waiting = barrier.WaitAsync(null);
            await AdvanceUntilAsync(() => _notifications.Sent == change);
            await AdvanceAsync(TimeSpan.FromMilliseconds(500));
            Assert.False(waiting.IsCompleted);
            _store.Set(_b with { ReadThrough = change });
            await AdvanceUntilAsync(() => waiting.IsCompleted);
            Assert.Equal(change, _notifications.Sent);
            _store.Change($"SU-{change + 1}");
            _store.Set(_a with { ReadThrough = change + 1 });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wait_NobodyHasToRead_NotifiesNobody(bool hasOthers)
    {
        _store.Change("SU-1");
        _store.Set(_a with { ReadThrough = hasOthers ? 1 : 0 });
        if (hasOthers)
            _store.Set(_b with { ReadThrough = 1 });
        using var barrier = CreateBarrier();

        var waiting = barrier.WaitAsync(null);
        await AdvanceUntilAsync(() => hasOthers ? waiting.IsCompleted : _store.Calls.Count > 1);
        _store.Set(_a with { ReadThrough = 1 });
        await AdvanceUntilAsync(() => waiting.IsCompleted);

        Assert.Equal(0, _notifications.Sent);
    }

    private ChangeBarrier CreateBarrier()
    {
        var watch = new NodeWatch(Options.Create(_limits), _clock);
        return new ChangeBarrier(
            _store, watch, _follower, _notifications, new NodeMetrics(_meters, watch, new NodeLease(_clock), _notifications), Options.Create(_limits), _clock, NullLogger<ChangeBarrier>.Instance);
    }

    /// <summary>Advances the clock in small steps, each when the barrier pauses.</summary>
    private Task AdvanceAsync(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        return AdvanceUntilAsync(() => _clock.GetUtcNow() >= end);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => _store.WhenAsync(_ =>
    {
        if (condition())
            return true;
        if (_clock.IsAwaited())
            _clock.Advance(TimeSpan.FromMilliseconds(25));
        return false;
    });

    private sealed class Reported : IProgress<ChangeProgress>
    {
        private readonly ConcurrentQueue<ChangeProgress> _values = new();

        public IReadOnlyCollection<ChangeProgress> Values => _values;

        public void Report(ChangeProgress value) => _values.Enqueue(value);
    }
}
