namespace Portal.Data;

/// <summary>Portal's time: UTC that never goes back, whatever happens to the system clock.</summary>
/// <remarks>
/// While the system clock is behind, this clock runs at half speed until the two meet. A system clock that jumps ahead by more than
/// <see cref="LargestJump"/> is followed, but not trusted until it has held for <see cref="Probation"/>: nothing that cannot be
/// undone may rely on it (see <see cref="GetTrustedUtcNow"/>), and when it is corrected, time goes on as if it had not jumped.
/// For any number of threads; takes no lock.
/// </remarks>
public sealed class MonotonicClock : TimeProvider
{
    /// <summary>The service key of the system clock, a <see cref="TimeProvider"/>.</summary>
    public const string SystemClock = "system-clock";

    /// <summary>How far the system clock may be ahead of the last known time.</summary>
    public static readonly TimeSpan LargestJump = TimeSpan.FromDays(1);

    /// <summary>The longest stop of Portal that needs no warning.</summary>
    public static readonly TimeSpan LongestStop = TimeSpan.FromDays(31);

    /// <summary>How long a time that was jumped to must hold before it is trusted.</summary>
    public static readonly TimeSpan Probation = TimeSpan.FromHours(24);

    /// <summary>Threads that read the clock at the same moment see each other's results; that is no step back.</summary>
    private const long Jitter = 10 * TimeSpan.TicksPerMillisecond;

    /// <summary>While the system clock is behind, Portal's time is slower than real time by this factor.</summary>
    private const int SlowDown = 2;

    private readonly TimeProvider _system;

    /// <summary>The latest trusted time that was returned, in ticks.</summary>
    private long _latest;

    /// <summary>A moment whose time was trusted; by the monotonic timer, what time it should be now follows from it.</summary>
    private volatile Reading _trusted;

    /// <summary>When the system clock was found behind.</summary>
    private volatile Reading? _behind;

    /// <summary>When the system clock was found to have jumped ahead; null: it is trusted.</summary>
    private volatile Reading? _jump;

    public MonotonicClock(TimeProvider system)
    {
        _system = system;
        _latest = system.GetUtcNow().UtcTicks;
        _trusted = new Reading(_latest, system.GetTimestamp());
    }

    public override TimeZoneInfo LocalTimeZone => _system.LocalTimeZone;
    public override long TimestampFrequency => _system.TimestampFrequency;

    /// <summary>How far the system clock is behind this one; zero: it is not.</summary>
    public TimeSpan Behind => TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _latest) - _system.GetUtcNow().UtcTicks));

    /// <summary>Whether the system clock says a time that Portal may start at when it was stopped then.</summary>
    internal bool IsPlausibleAfter(DateTime lastKnown) => _system.GetUtcNow().UtcDateTime - lastKnown is var stop && stop >= TimeSpan.Zero && stop <= LongestStop;

    /// <summary>Takes up the time where it was left; without one, at the system clock's.</summary>
    /// <param name="lastKnown">UTC; null: there is none, or the system clock is right whatever was known.</param>
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

    /// <summary>The time for what cannot be undone, like removing what is too old: that of <see cref="GetUtcNow"/>, but after a jump
    /// of the system clock the time that it would be without the jump, until the new time is trusted.</summary>
    public DateTimeOffset GetTrustedUtcNow()
    {
        var now = GetUtcNow();
        return _jump is null ? now : At(Volatile.Read(ref _latest));
    }

    /// <summary>A moment that this clock has told, as it may be stored where the latest one counts: while <see cref="IsSuspect"/>, the time
    /// that it would be without the jump. A use that is stored with a wrong future time would hide all later ones.</summary>
    /// <param name="told">UTC.</param>
    public DateTime ToRecord(DateTime told) =>
        _jump is not null && told.Ticks - Volatile.Read(ref _latest) > LongestStop.Ticks ? GetTrustedUtcNow().UtcDateTime : told;

    /// <summary>Whether the system clock has jumped ahead, and its time is not trusted yet. For tests: <see cref="IsSuspect"/> tolerates jumps
    /// that a stopped machine explains.</summary>
    internal bool HasJumped()
    {
        GetUtcNow();
        return _jump is not null;
    }

    /// <summary>Whether it has jumped so far that the clock is more likely wrong than that Portal was stopped for as long.</summary>
    public bool IsSuspect()
    {
        var now = GetUtcNow();
        return _jump is not null && now - At(Volatile.Read(ref _latest)) > LongestStop;
    }

    public override long GetTimestamp() => _system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _system.CreateTimer(callback, state, dueTime, period);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    /// <returns>The time, or a later one that another thread got already.</returns>
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
    /// <param name="Timestamp">Of the monotonic timer, at the same moment.</param>
    private sealed record Reading(long Utc, long Timestamp);
}
