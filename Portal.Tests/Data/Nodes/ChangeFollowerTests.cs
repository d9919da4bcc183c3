using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Data.Nodes;

namespace Portal.Tests.Data.Nodes;

public sealed class ChangeFollowerTests : IDisposable
{
    private static readonly NodeOptions Limits = new();

    private readonly PausedClock _clock = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryNodeStore _store = new();
    private readonly TestMeters _meters = new();
    private readonly SentNotifications _notifications = new();
    private readonly NodeLease _lease;
    private readonly Wakeup _wakeup;
    private readonly ChangeFollower _follower;

    public ChangeFollowerTests()
    {
        (_lease, _wakeup) = (new NodeLease(_clock), new Wakeup(_clock));
        _lease.End();
        var watch = new NodeWatch(Options.Create(Limits), _clock);
        _follower = new ChangeFollower(
            _store, _lease, watch, _wakeup, _notifications, [new Listener(_store)], new NodeIdentity("a", "All", "1.0.0"), new NodeMetrics(_meters, watch, _lease, _notifications),
            Options.Create(Limits), _clock, NullLogger<ChangeFollower>.Instance);
    }

    public void Dispose()
    {
        _follower.Dispose();
        _wakeup.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Cycle_First_JoinsThenReadsAndTrustsAfterTheRenewal()
    {
        _store.Change("SU-1");
        _store.OnCall = call => Assert.True(call == "nodes" || !_lease.IsTrusted);

        await CycleAsync();

        Assert.Equal(["join", "read", "drop all", "renew"], Steps);
        Assert.True(_lease.IsTrusted);
        Assert.Equal(1, Assert.Single(_store.Live).ReadThrough);
    }

    [Fact]
    public async Task Cycle_SlowStatements_LeaseBeginsBeforeTheRead()
    {
        await CycleAsync();
        _store.OnAnswer = call => _clock.Advance(call is "read" or "renew" ? TimeSpan.FromSeconds(1) : default);

        await CycleAsync();

        Assert.Equal(Limits.Trust - TimeSpan.FromSeconds(2), _lease.Remaining);
        _clock.Advance(_lease.Remaining!.Value - TimeSpan.FromTicks(1));
        Assert.True(_lease.IsTrusted);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(_lease.IsTrusted);
    }

    [Fact]
    public async Task Cycle_StoppedAfterTheRead_TrustsNothingUntilTheNextCycle()
    {
        await CycleAsync();
        _store.OnAnswer = call => _clock.Advance(call == "read" ? TimeSpan.FromMinutes(10) : default);
        await CycleAsync();
        Assert.False(_lease.IsTrusted);

        _store.OnAnswer = _ => { };
        await CycleAsync();
        Assert.True(_lease.IsTrusted);
    }

    [Fact]
    public async Task Cycle_Changes_AreAppliedInOrderBeforeTheRenewal()
    {
        await CycleAsync();
        _store.Change("SU-1");
        _store.Change("SU-2");
        var before = Steps.Count;

        await CycleAsync();

        Assert.Equal(["read", "SU-1", "SU-2", "renew"], Steps.Skip(before));
    }

    [Theory]
    [InlineData(3)] // A change is missing in the log.
    [InlineData(-1)] // The log of another server ends earlier.
    public async Task Cycle_LogDoesNotContinue_DropsAllAndContinuesAtItsEnd(int step)
    {
        _store.Change("SU-1");
        await CycleAsync();
        _store.SetLast(_store.Last + step);
        var before = Steps.Count;

        await CycleAsync();
        Assert.Equal(["read", "drop all", "renew"], Steps.Skip(before));

        _store.Change("SU-2");
        await CycleAsync();
        Assert.Equal(["read", "SU-2", "renew"], Steps.Skip(before + 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cycle_AfterAChange_IsRepeatedSoonUnlessNotificationsTellOfTheNext(bool isListening)
    {
        _notifications.IsListening = isListening;
        _store.Change("SU-1");
        await _follower.StartAsync(TestContext.Current.CancellationToken);
        await _store.WhenAsync(calls => calls.Contains("renew") && _clock.IsAwaited());
        Assert.Equal(isListening ? ChangeFollower.Interval : ChangeFollower.ShortInterval, _clock.LastWait);

        _wakeup.Raise();
        await _store.WhenAsync(calls => calls.Count(call => call == "renew") == 2);
        await _follower.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("renew")]
    public async Task Cycle_AfterAFailure_DropsAllAfterTheRead(string failing)
    {
        await _follower.StartAsync(TestContext.Current.CancellationToken);
        await _store.WhenAsync(calls => calls.Contains("renew"));
        _store.OnCall = call => Fail(call == failing);
        await AdvanceUntilAsync(calls => _failures > 0);
        var before = Steps.Count;

        _store.OnCall = _ => { };
        await AdvanceUntilAsync(calls => calls.Skip(before).Contains("renew"));
        await _follower.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["read", "drop all", "renew"], Steps.Skip(before).Take(3));
    }

    [Fact]
    public async Task Cycle_DeclaredDead_TrustsNothingUntilItHasJoinedUnderAnotherIdAndReadAgain()
    {
        await CycleAsync();
        var first = Assert.Single(_store.Live);
        Assert.True(await _store.DeclareDeadAsync(first.Id, first.Renewal, default));
        _clock.Advance(Limits.Lease);
        var before = Steps.Count;

        await CycleAsync();
        Assert.False(_lease.IsTrusted);
        await CycleAsync();

        Assert.Equal(["read", "renew", "join", "read", "drop all", "renew"], Steps.Skip(before));
        Assert.True(_lease.IsTrusted);
        Assert.NotEqual(first.Id, Assert.Single(_store.Live).Id);
    }

    [Fact]
    public async Task Cycle_OtherNodeIsSilent_IsDeclaredDeadUnlessItRenews()
    {
        var (dead, slow) = (new NodeRow(Guid.CreateVersion7(), "dead", 7, 0), new NodeRow(Guid.CreateVersion7(), "slow", 7, 0));
        _store.Set(dead);
        _store.Set(slow);
        await CycleAsync();
        _clock.Advance(Limits.Silence - TimeSpan.FromMilliseconds(1));
        await CycleAsync();
        Assert.Equal(3, _store.Live.Count);

        // It renews after the list was read and before it is declared dead.
        _store.OnCall = call =>
        {
            if (call == "declare dead")
                _store.Set(slow with { Renewal = 8 });
        };
        _clock.Advance(TimeSpan.FromSeconds(1));
        await CycleAsync();

        Assert.Equal(["a", "slow"], _store.Live.Select(node => node.Name).Order());
    }

    [Fact]
    public async Task Stop_Joined_EndsTheLeaseBeforeItLeaves()
    {
        await _follower.StartAsync(TestContext.Current.CancellationToken);
        await _store.WhenAsync(calls => calls.Contains("renew"));
        _store.OnCall = call => Assert.False(call == "leave" && _lease.IsTrusted);

        await _follower.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("leave", Steps[^1]);
        Assert.Empty(_store.Live);
        Assert.False(_lease.IsTrusted);
    }

    /// <summary>The calls and what the listener was told, without the calls for other nodes.</summary>
    private List<string> Steps => [.. _store.Calls.Where(call => call is not ("nodes" or "declare dead" or "prune"))];

    private int _failures;

    private Task CycleAsync() => _follower.CycleAsync(TestContext.Current.CancellationToken);

    private void Fail(bool fails)
    {
        if (!fails)
            return;
        Interlocked.Increment(ref _failures);
        throw new TimeoutException();
    }

    private Task AdvanceUntilAsync(Func<IReadOnlyList<string>, bool> condition) => _store.WhenAsync(calls =>
    {
        _clock.Advance(ChangeFollower.Interval);
        return condition([.. calls.Where(call => call is not ("nodes" or "declare dead" or "prune"))]);
    });

    private sealed class Listener(MemoryNodeStore store) : IChangeListener
    {
        public void Changed(in Change change) => store.Record(change.Key);

        public void DropAll() => store.Record("drop all");
    }
}
