using Microsoft.Extensions.Time.Testing;
using Portal.Accounts;

namespace Portal.Tests.Accounts;

public sealed class FailureCounterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TryTake_BeyondTheLimit_TellsWhenThereIsRoom()
    {
        var counter = Counter(limit: 4);
        for (var i = 0; i < 4; i++)
            Assert.Null(counter.TryTake(1));
        Assert.True(counter.IsFull(1));
        Assert.Equal(TimeSpan.FromSeconds(15), counter.TryTake(1));
        Assert.Null(counter.TryTake(2));
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Null(counter.TryTake(1));
        Assert.Equal(TimeSpan.FromSeconds(15), counter.TryTake(1));
    }

    [Fact]
    public void GiveBack_TakesBackOne()
    {
        var counter = Counter(limit: 1);
        counter.TryTake(1);
        counter.GiveBack(1);
        counter.GiveBack(1);
        Assert.Null(counter.TryTake(1));
        Assert.NotNull(counter.TryTake(1));
    }

    [Fact]
    public void Memory_HasABound_AndIsFreedInTime()
    {
        var counter = Counter(limit: 1, capacity: 10);
        for (var i = 0; i < 1000; i++)
            counter.TryTake(i);
        Assert.Equal(10, counter.Count);
        // All keys beyond the limit share one bucket.
        Assert.NotNull(counter.TryTake(5000));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(counter.TryTake(5000));
        Assert.Null(counter.TryTake(5001));
        Assert.InRange(counter.Count, 1, 10);
    }

    /// <summary>Counts clock readings instead of measuring time: using a bucket reads the clock.</summary>
    [Fact]
    public void TryTake_CounterIsFull_LooksAtFewBuckets()
    {
        const int capacity = 50_000;
        var clock = new CountingClock();
        var counter = new FailureCounter<int>(clock, 1, TimeSpan.FromMinutes(1), capacity);
        for (var i = 0; i < capacity; i++)
            counter.TryTake(i);

        clock.Asked = 0;
        counter.TryTake(capacity);
        Assert.InRange(clock.Asked, 1, FailureCounter<int>.BucketsPerCleanup + 4);
        Assert.Equal(capacity, counter.Count);

        clock.Advance(TimeSpan.FromMinutes(2));
        clock.Asked = 0;
        Assert.Null(counter.TryTake(capacity + 1));
        Assert.InRange(clock.Asked, 1, FailureCounter<int>.BucketsPerCleanup + 4);
        Assert.Equal(capacity - FailureCounter<int>.BucketsPerCleanup + 1, counter.Count);
    }

    private sealed class CountingClock : FakeTimeProvider
    {
        public int Asked { get; set; }

        public override long TimestampFrequency
        {
            get
            {
                Asked++;
                return base.TimestampFrequency;
            }
        }
    }

    private FailureCounter<int> Counter(int limit, int capacity = 100) => new(_clock, limit, TimeSpan.FromMinutes(1), capacity);
}
