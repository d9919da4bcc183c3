using Microsoft.Extensions.Time.Testing;

namespace Portal.Tests.Support;

/// <summary>A system clock that can be set while timers go on, as an administrator or NTP does it.</summary>
public sealed class SkewedClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>What is added to the true time.</summary>
    public TimeSpan Skew { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Skew;

    /// <summary>Setting a clock leaves the monotonic timer alone.</summary>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
