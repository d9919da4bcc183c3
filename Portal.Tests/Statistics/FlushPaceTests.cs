using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Statistics;

namespace Portal.Tests.Statistics;

public sealed class FlushPaceTests
{
    private const int Processors = 2;

    private readonly FakeTimeProvider _system = new(new DateTimeOffset(2030, 1, 15, 12, 0, 0, TimeSpan.Zero));
    private readonly FlushPace _pace;
    private TimeSpan _processorTime = TimeSpan.FromMinutes(5);

    public FlushPaceTests()
    {
        _pace = new FlushPace(new MonotonicClock(_system), () => _processorTime, Processors);
        _pace.Begin();
    }

    /// <summary>With two processors, a twentieth of both is a tenth of one.</summary>
    [Fact]
    public void Pause_LoadNotKnownYet_IsAsIfRequestsWereServed() => Assert.Equal(TimeSpan.FromMilliseconds(90), PauseAfter(worked: 10, requests: 0));

    [Theory]
    [InlineData(100, 900)]
    [InlineData(50, 900)]
    [InlineData(49, 25)]
    [InlineData(0, 25)]
    public void Pause_DependsOnWhatTheRestOfTheProcessNeedsOfTheProcessors(int requests, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), PauseAfter(worked: 100, requests));

    [Fact]
    public void Pause_LoadEnds_GetsShorter()
    {
        PauseAfter(worked: 100, requests: 100);
        // Shorter than the window: too short to tell.
        Assert.Equal(TimeSpan.FromMilliseconds(450), PauseAfter(worked: 50, requests: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(12.5), PauseAfter(worked: 50, requests: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(900), PauseAfter(worked: 100, requests: 100));
    }

    [Theory]
    [InlineData(1, 19)]
    [InlineData(4, 4)]
    [InlineData(64, 0.25)]
    public void Pause_Busy_LeavesTheShareOfAllProcessors(int processors, double times)
    {
        var pace = new FlushPace(new MonotonicClock(_system), () => _processorTime, processors);
        pace.Begin();
        Assert.Equal(times * 10, pace.PauseAfter(TimeSpan.FromMilliseconds(10)).TotalMilliseconds, 0.001);
    }

    /// <param name="worked">In milliseconds, of the time and of a processor.</param>
    /// <param name="requests">The processor time of the rest of the process meanwhile.</param>
    private TimeSpan PauseAfter(int worked, int requests)
    {
        _system.Advance(TimeSpan.FromMilliseconds(worked));
        _processorTime += TimeSpan.FromMilliseconds(worked + requests);
        return _pace.PauseAfter(TimeSpan.FromMilliseconds(worked));
    }
}
