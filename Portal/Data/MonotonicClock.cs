namespace Portal.Data;

/// <summary>Portal's time: UTC that never goes back, whatever happens to the system clock.</summary>
/// <remarks>
/// While the system clock is behind, this clock runs at half speed until the two agree. If the system clock jumps ahead by more than <see
/// cref="LargestJump"/>, this clock follows it, but the time isn't trusted until it has held for <see cref="Probation"/>: nothing irreversible may
/// rely on it (see <see cref="GetTrustedUtcNow"/>). If the system clock is corrected, time continues as if it hadn't jumped.
/// Thread-safe; takes no lock.
/// </remarks>
public sealed class MonotonicClock : TimeProvider
{
    /// <summary>The service key of the system clock, a <see cref="TimeProvider"/>.</summary>
    public const string SystemClock = "system-clock";

    /// <summary>The largest step ahead of the last known time that is trusted immediately.</summary>
    public static readonly TimeSpan LargestJump = TimeSpan.FromDays(1);

    /// <summary>The longest downtime of Portal that needs no warning.</summary>
    public static readonly TimeSpan LongestStop = TimeSpan.FromDays(31);

    /// <summary>The time that the system clock must hold after a jump before it is trusted.</summary>
    public static readonly TimeSpan Probation = TimeSpan.FromHours(24);

    /// <summary>Threads that read the clock at the same moment may see each other's results. Such small differences aren't steps back.</summary>
    private const long Jitter = 10 * TimeSpan.TicksPerMillisecond;

    /// <summary>While the system clock is behind, Portal's time is slower than real time by this factor.</summary>
    private const int SlowDown = 2;

    private readonly TimeProvider _system;

    /// <summary>The latest trusted time that was returned, in ticks.</summary>
    private long _latest;

    /// <summary>A reading whose time was trusted. With the monotonic timer, the expected time follows from it.</summary>
    private volatile Reading _trusted;

    /// <summary>The reading at which the system clock was found to be behind; null if it isn't.</summary>
    private volatile Reading? _behind;

    /// <summary>The reading at which the system clock was found to have jumped ahead; null if it is trusted.</summary>
    private volatile Reading? _jump;

    public MonotonicClock(TimeProvider system)
    {
        _system = system;
        _latest = system.GetUtcNow().UtcTicks;
        _trusted = new Reading(_latest, system.GetTimestamp());
    }

    public override TimeZoneInfo LocalTimeZone => _system.LocalTimeZone;
    public override long TimestampFrequency => _system.TimestampFrequency;

    /// <summary>The time by which the system clock is behind this one; zero if it isn't.</summary>
    public TimeSpan Behind => TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _latest) - _system.GetUtcNow().UtcTicks));

    /// <summary>Whether the system clock's time is plausible for a start if Portal was stopped at that time.</summary>
    internal bool IsPlausibleAfter(DateTime lastKnown) => _system.GetUtcNow().UtcDateTime - lastKnown is var stop && stop >= TimeSpan.Zero && stop <= LongestStop;

    /// <summary>Continues from the last known time, or starts at the system clock's time.</summary>
    /// <param name="lastKnown">UTC; null if there is none, or if the system clock is to be trusted in any case.</param>
    public void Start(DateTime? lastKnown)
    {
        _latest = lastKnown?.Ticks ?? _system.GetUtcNow().UtcTicks;
        _trusted = new Reading(_latest, _system.GetTimestamp());
        (_behind, _jump) = (null, null);
    }

    public override DateTimeOffset GetUtcNow()
    {
        var (now, latest) = (_system.GetUtcNow().UtcTicks, Volatile.Read(ref _latest));
        var ahead = now - latest;
        return At(
            ahead < 0 || _behind is not null ? WhileBehind(now)
            : ahead > LargestJump.Ticks || _jump is not null ? WhileAhead(now)
            : Raise(now));
    }

    /// <summary>The time for irreversible actions, such as removing old data. After a jump of the system clock, it is the time without the jump until
    /// the new time is trusted. Otherwise it equals <see cref="GetUtcNow"/>.</summary>
    public DateTimeOffset GetTrustedUtcNow()
    {
        var now = GetUtcNow();
        return _jump is null ? now : At(Volatile.Read(ref _latest));
    }

    /// <summary>Converts a time of this clock to one that may be stored where the latest time wins: while <see cref="IsSuspect"/>, the time without
    /// the jump. A wrong future time would hide all later ones.</summary>
    /// <param name="told">A time that this clock returned, in UTC.</param>
    public DateTime ToStorableTime(DateTime told) =>
        _jump is not null && told.Ticks - Volatile.Read(ref _latest) > LongestStop.Ticks ? GetTrustedUtcNow().UtcDateTime : told;

    /// <summary>Whether the system clock has jumped ahead and isn't trusted yet. For tests: <see cref="IsSuspect"/> tolerates jumps that a stopped
    /// machine explains.</summary>
    internal bool HasJumped()
    {
        GetUtcNow();
        return _jump is not null;
    }

    /// <summary>Whether the clock has jumped so far that it is more likely wrong than Portal was stopped for that long.</summary>
    public bool IsSuspect()
    {
        var now = GetUtcNow();
        return _jump is not null && now - At(Volatile.Read(ref _latest)) > LongestStop;
    }

    public override long GetTimestamp() => _system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _system.CreateTimer(callback, state, dueTime, period);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    /// <returns>The time, or a later one that another thread has already received.</returns>
    private long Raise(long now)
    {
        var latest = Volatile.Read(ref _latest);
        while (now > latest)
        {
            var seen = Interlocked.CompareExchange(ref _latest, now, latest);
            if (seen == latest)
                return now;
            latest = seen;
        }

        return latest;
    }

    private long WhileBehind(long now)
    {
        var (latest, behind) = (Volatile.Read(ref _latest), _behind);
        if (behind is null)
        {
            if (latest - now >= Jitter)
                (_jump, _behind) = (null, new Reading(latest, _system.GetTimestamp()));
            return latest;
        }

        var slowed = behind.Utc + (Since(behind) / SlowDown);
        if (now < slowed)
            return Raise(slowed);
        _behind = null;
        return now - latest > LargestJump.Ticks ? WhileAhead(now) : Raise(now);
    }

    private long WhileAhead(long now)
    {
        var trusted = _trusted;
        var expected = Raise(trusted.Utc + Since(trusted) is var due && due < now ? due : now);
        var jump = _jump;
        if (now - expected > LargestJump.Ticks)
        {
            if (jump is null || Math.Abs(now - jump.Utc - Since(jump)) > LargestJump.Ticks)
            {
                _jump = new Reading(now, _system.GetTimestamp());
                return now;
            }

            if (Since(jump) < Probation.Ticks)
                return now;
            _trusted = new Reading(now, _system.GetTimestamp());
        }

        _jump = null;
        return Raise(now);
    }

    private long Since(Reading reading) => _system.GetElapsedTime(reading.Timestamp).Ticks;

    /// <param name="Utc">In ticks.</param>
    /// <param name="Timestamp">The monotonic timer's timestamp at the same time.</param>
    private sealed record Reading(long Utc, long Timestamp);
}
