using Microsoft.Extensions.Time.Testing;
using Portal.Authentication;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

public sealed class RateBucketsTests
{
    private static readonly RateLimit OneADay = new(1, RateUnit.Day);

    [Fact]
    public void Take_FromAnEmptyBucket_IsRefusedUntilItFills()
    {
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 10);
        Assert.False(buckets.Take(1, OneADay).Refused);
        var refused = buckets.Take(1, OneADay);
        Assert.True(refused.Refused);
        Assert.InRange(refused.RetryAfterSeconds, 86_000, 86_400);
        Assert.False(buckets.Take(2, OneADay).Refused);
    }

    [Fact]
    public void Take_AfterTheBucketFilled_IsAdmitted()
    {
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 10);
        // A million a second: a microsecond fills what was taken.
        var fast = new RateLimit(RateLimit.Most, RateUnit.Second);
        Assert.False(buckets.Take(1, fast).Refused);
        Assert.True(SpinWait.SpinUntil(() => buckets.Take(1, fast) is { Refused: false, Remaining: >= RateLimit.Most - 1 }, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Sweep_EmptyBucket_IsKept()
    {
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 10);
        buckets.Take(1, OneADay);
        buckets.Sweep();
        Assert.True(buckets.Take(1, OneADay).Refused);
    }

    [Fact]
    public void Take_BeyondTheMost_SharesOneBucket()
    {
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 1);
        Assert.False(buckets.Take(1, OneADay).Refused);
        Assert.False(buckets.Take(2, OneADay).Refused);
        Assert.True(buckets.Take(3, OneADay).Refused);
    }

    [Fact]
    public void Sweep_FullBuckets_MakesRoom()
    {
        var fast = new RateLimit(RateLimit.Most, RateUnit.Second);
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 1);
        buckets.Take(1, fast);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                buckets.Sweep();
                return buckets.Count == 0;
            },
            TimeSpan.FromSeconds(30)));
        buckets.Take(2, OneADay);
        Assert.Equal(1, buckets.Count);
    }

    /// <summary>Without a store, each node has an equal share, which is never zero.</summary>
    [Theory]
    [InlineData(100, 5, 20, 3)]
    [InlineData(100, 3, 33, 2)]
    [InlineData(1, 5, 1, 300)]
    [InlineData(7, 5, 1, 43)]
    public void Take_SeveralNodes_AdmitsTheShare(int requests, int nodes, int share, int retryAfter)
    {
        using var buckets = new RateBuckets<int>(new FakeTimeProvider(), most: 10);
        var limit = new RateLimit(requests, RateUnit.Minute);
        for (var left = share - 1; left >= 0; left--)
            Assert.Equal((false, left), (buckets.Take(1, limit, nodes) is var taken && taken.Refused, taken.Remaining));
        var refused = buckets.Take(1, limit, nodes);
        Assert.True(refused.Refused);
        Assert.InRange(refused.RetryAfterSeconds, retryAfter - 1, retryAfter);
        Assert.InRange(refused.ResetSeconds, share * 60 * nodes / requests, (share * 60 * nodes / requests) + 1);
    }
}
