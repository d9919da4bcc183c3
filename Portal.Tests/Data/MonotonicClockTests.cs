using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Data;

public sealed class MonotonicClockTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Day = TimeSpan.FromDays(1);

    private readonly SkewedClock _system = new(Start);
    private readonly MonotonicClock _clock;

    public MonotonicClockTests() => _clock = new MonotonicClock(_system);

    [Fact]
    public void GetUtcNow_ClockThatIsRight_IsTheClock()
    {
        foreach (var days in (double[])[0, 0.00001, 1, 100])
        {
            _system.Advance(TimeSpan.FromDays(days));
            Assert.Equal(_system.GetUtcNow(), _clock.GetUtcNow());
            Assert.False(_clock.HasJumped());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3600)]
    [InlineData(30 * 24 * 3600)]
    public void GetUtcNow_ClockSetBack_GoesOnAtHalfSpeedUntilBothMeet(int seconds)
    {
        _clock.GetUtcNow();
        _system.Skew = -seconds * Second;
        Assert.Equal(Start, _clock.GetUtcNow());
        _system.Advance(seconds * Second);
        Assert.Equal(Start + (seconds * Second / 2), _clock.GetUtcNow());
        Assert.Equal(seconds * Second / 2, _clock.Behind);
        _system.Advance(seconds * Second);
        Assert.Equal(Start + (seconds * Second), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _clock.Behind);
        _system.Advance(Second);
        Assert.Equal(_system.GetUtcNow(), _clock.GetUtcNow());
    }

    /// <summary>Applies to any change of the system clock that doesn't jump ahead by more than a day.</summary>
    [Fact]
    public void GetUtcNow_AnySequenceOfCorrections_NeverGoesBackAndNeverStands()
    {
#pragma warning disable RS0030 // Seeded: the same sequence each time.
        var random = new Random(25);
        var last = _clock.GetUtcNow();
        for (var step = 0; step < 20_000; step++)
        {
            _system.Skew += TimeSpan.FromSeconds(random.NextDouble() switch { < 0.1 => -random.Next(100_000), < 0.2 => random.Next(40_000), _ => 0 });
            var passed = TimeSpan.FromMilliseconds(100 + random.Next(5_000));
            _system.Advance(passed);
            var now = _clock.GetUtcNow();
            Assert.True(now >= last, $"step {step}: {last:O}, then {now:O}");
            last = now;
        }
#pragma warning restore RS0030

        _system.Skew = TimeSpan.FromDays(-9999);
        _system.Advance(10 * Second);
        _clock.GetUtcNow();
        _system.Advance(10 * Second);
        Assert.InRange(_clock.GetUtcNow() - last, 4 * Second, 10 * Second);
    }

    [Fact]
    public void GetUtcNow_ManyThreadsWhileTheClockIsSetBackAndForth_NoneSeesTimeGoBack()
    {
        Parallel.For(0, 4, thread =>
        {
            var last = _clock.GetUtcNow();
            for (var i = 0; i < 50_000; i++)
            {
                if (thread == 0)
                {
                    _system.Skew = Second * (i % 7) - 3 * Second;
                    _system.Advance(TimeSpan.FromMilliseconds(1));
                }

                var now = _clock.GetUtcNow();
                Assert.True(now >= last);
                last = now;
            }
        });
    }

    /// <summary>A thread that reads the clock later than another never gets an earlier time.</summary>
    [Fact]
    public void GetUtcNow_StepsBackWithinAMillisecond_NoThreadIsToldLessThanAnotherWasBefore()
    {
        var latest = _clock.GetUtcNow().UtcTicks;
        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                if (thread == 0)
                {
                    _system.Skew = TimeSpan.FromMicroseconds(i % 5 * 300);
                    _system.Advance(TimeSpan.FromMicroseconds(50));
                }

                var before = Volatile.Read(ref latest);
                var now = _clock.GetUtcNow().UtcTicks;
                Assert.True(now >= before);
                for (var seen = before; now > seen && Interlocked.CompareExchange(ref latest, now, seen) is var other && other != seen;)
                    seen = other;
            }
        });
    }

    [Theory]
    [InlineData(-1, false, false)]
    [InlineData(0, true, false)]
    [InlineData(2, true, false)]
    [InlineData(31, true, false)]
    [InlineData(32, false, true)]
    [InlineData(500, false, true)]
    public void Start_AfterAStop_IsSuspectBeyondTheLongestStop(int days, bool plausible, bool suspect)
    {
        var lastKnown = (Start - (days * Day)).UtcDateTime;
        Assert.Equal(plausible, _clock.IsPlausibleAfter(lastKnown));
        _clock.Start(lastKnown);
        Assert.Equal(suspect, _clock.IsSuspect());
    }

    [Fact]
    public void IsSuspect_WhileItRuns_FromTheJumpUntilItIsCorrectedOrTrusted()
    {
        Assert.False(_clock.IsSuspect());
        _system.Skew = MonotonicClock.LongestStop;
        Assert.Equal((true, false), (_clock.HasJumped(), _clock.IsSuspect()));
        _system.Skew = MonotonicClock.LongestStop + Second;
        Assert.True(_clock.IsSuspect());
        _system.Skew = TimeSpan.Zero;
        Assert.False(_clock.IsSuspect());
        _system.Skew = 500 * Day;
        Assert.True(_clock.IsSuspect());
        _system.Advance(MonotonicClock.Probation);
        Assert.False(_clock.IsSuspect());
    }

    [Fact]
    public void GetTrustedUtcNow_ClockThatJumps500DaysAhead_GoesOnWithoutTheJumpAndAllIsWellWhenItIsCorrected()
    {
        _clock.GetUtcNow();
        _system.Skew = 500 * Day;
        _system.Advance(Second);
        Assert.Equal(Start + (500 * Day) + Second, _clock.GetUtcNow());
        Assert.Equal(Start + Second, _clock.GetTrustedUtcNow());
        Assert.True(_clock.HasJumped());
        _system.Advance(20 * Second);
        Assert.Equal(Start + (21 * Second), _clock.GetTrustedUtcNow());

        _system.Skew = TimeSpan.Zero;
        _system.Advance(Second);
        Assert.Equal(Start + (22 * Second), _clock.GetUtcNow());
        Assert.Equal(Start + (22 * Second), _clock.GetTrustedUtcNow());
        Assert.False(_clock.HasJumped());
    }

    [Fact]
    public void GetTrustedUtcNow_NewTimeThatHolds_IsTrustedAfterADay()
    {
        _clock.Start((Start - (500 * Day)).UtcDateTime);
        Assert.True(_clock.HasJumped());
        _system.Advance(TimeSpan.FromHours(23));
        Assert.Equal(Start - (500 * Day) + TimeSpan.FromHours(23), _clock.GetTrustedUtcNow());
        _system.Skew = 100 * Day;
        Assert.True(_clock.HasJumped());
        _system.Advance(TimeSpan.FromHours(2));
        Assert.True(_clock.HasJumped(), "another jump begins a new day");
        _system.Advance(TimeSpan.FromHours(22));
        Assert.False(_clock.HasJumped());
        Assert.Equal(_system.GetUtcNow(), _clock.GetTrustedUtcNow());
    }

    [Fact]
    public void Start_LastKnownTime_IsWhereTimeGoesOn()
    {
        _clock.Start((Start + (3 * Second)).UtcDateTime);
        Assert.Equal(Start + (3 * Second), _clock.GetUtcNow());
        _clock.Start((Start - TimeSpan.FromHours(5)).UtcDateTime);
        Assert.Equal(Start, _clock.GetUtcNow());
        _clock.Start((Start + (500 * Day)).UtcDateTime);
        _clock.Start(null);
        Assert.Equal(Start, _clock.GetUtcNow());
    }
}
