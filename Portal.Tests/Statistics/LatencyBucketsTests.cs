using Portal.Statistics;

namespace Portal.Tests.Statistics;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void LongestIn_AnyTimeFromTenMicrosecondsToADay_IsAtMostAnEighthLonger()
    {
        for (var microseconds = 10.0; microseconds < 86_400e6; microseconds *= 1.013)
        {
            var time = TimeSpan.FromMicroseconds(microseconds);
            Assert.InRange(LatencyBuckets.LongestIn(LatencyBuckets.Of(time)) / time, 1, 1 + 0.1251);
        }
    }

    [Fact]
    public void Of_LongerTimes_NeverFallIntoAnEarlierBucket()
    {
        var last = 0;
        for (var microseconds = 0L; microseconds < 100_000; microseconds++)
        {
            var bucket = LatencyBuckets.Of(TimeSpan.FromMicroseconds(microseconds));
            Assert.InRange(bucket, last, last + 1);
            last = bucket;
        }
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(1e18)]
    public void Of_Nonsense_IsABucket(double microseconds) =>
        Assert.InRange(LatencyBuckets.Of(microseconds > 1e17 ? TimeSpan.MaxValue : TimeSpan.FromMicroseconds(microseconds)), 0, 400);

    [Fact]
    public void From_HundredTimes_FindsThePercentiles()
    {
        // 1, 2, … 100 milliseconds, one request each.
        var latency = LatencyStatistics.From(Enumerable.Range(1, 100).Select(time => (LatencyBuckets.Of(TimeSpan.FromMilliseconds(time)), 1L)))!;
        Assert.InRange(latency.P50.TotalMilliseconds, 50, 50 * 1.126);
        Assert.InRange(latency.P95.TotalMilliseconds, 95, 95 * 1.126);
        Assert.InRange(latency.P99.TotalMilliseconds, 99, 99 * 1.126);
    }

    [Fact]
    public void From_OneSlowOfAThousand_DoesNotReachP99()
    {
        var latency = LatencyStatistics.From([(LatencyBuckets.Of(TimeSpan.FromMilliseconds(5)), 999), (LatencyBuckets.Of(TimeSpan.FromSeconds(9)), 1)])!;
        Assert.InRange(latency.P99.TotalMilliseconds, 5, 5.7);
    }

    [Fact]
    public void From_Nothing_IsNone() => Assert.Null(LatencyStatistics.From([]));
}
