using Microsoft.Extensions.Time.Testing;

namespace Portal.Tests.Support;

/// <summary>A system clock that can be set while timers continue, as by an administrator or NTP.</summary>
/// <remarks>A periodic timer ticks once for an advance over many periods, like a real one on a machine that was suspended. The fake clock itself
/// would make up for every tick: millions of them for 90 days.</remarks>
public sealed class SkewedClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>The difference from the true time.</summary>
    public TimeSpan Skew { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Skew;

    /// <summary>Setting a clock doesn't affect the monotonic timer.</summary>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period <= TimeSpan.Zero)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new PeriodicTimer(callback, state, period);
        timer.Start(base.CreateTimer(timer.Tick, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime);
        return timer;
    }

    private sealed class PeriodicTimer(TimerCallback callback, object? state, TimeSpan period) : ITimer
    {
        private readonly Lock _lock = new();
        private ITimer _next = null!;
        private TimeSpan _period = period;

        public void Start(ITimer next, TimeSpan dueTime)
        {
            _next = next;
            _next.Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        public void Tick(object? _)
        {
            lock (_lock)
                _next.Change(_period, Timeout.InfiniteTimeSpan);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
                return _next.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _next.Dispose();

        public ValueTask DisposeAsync() => _next.DisposeAsync();
    }
}
