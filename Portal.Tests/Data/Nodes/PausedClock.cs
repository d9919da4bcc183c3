using Microsoft.Extensions.Time.Testing;

namespace Portal.Tests.Data.Nodes;

/// <summary>Knows whether someone waits for it. Otherwise, the time would pass before anything has happened.</summary>
internal sealed class PausedClock(DateTimeOffset now) : FakeTimeProvider(now)
{
    private int _waits;
    private long _lastWait;

    /// <summary>The time that the last one who waits wants to wait.</summary>
    public TimeSpan LastWait => TimeSpan.FromTicks(Volatile.Read(ref _lastWait));

    /// <summary>Whether someone began to wait since the last call.</summary>
    public bool IsAwaited() => Interlocked.Exchange(ref _waits, 0) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Volatile.Write(ref _lastWait, dueTime.Ticks);
        Interlocked.Increment(ref _waits);
        return timer;
    }
}
