using System.Numerics;

namespace Portal.Statistics;

/// <summary>Sorts durations into buckets of increasing width: eight for each doubling, so the limits of a bucket differ by at most 12.5 %.</summary>
/// <remarks>Bucket 0 contains everything below 8 microseconds.</remarks>
public static class LatencyBuckets
{
    private const int BitsOfPrecision = 3;

    /// <summary>In microseconds: about 12.7 days. Anything longer counts as this.</summary>
    private const long Longest = 1L << 40;

    public static int Of(TimeSpan time)
    {
        var microseconds = Math.Min((long)time.TotalMicroseconds, Longest);
        if (microseconds < 1 << BitsOfPrecision)
            return 0;
        var exponent = BitOperations.Log2((ulong)microseconds) - BitsOfPrecision;
        return 1 + (exponent << BitsOfPrecision) + (int)(microseconds >> exponent & 7);
    }

    /// <summary>The upper limit of the bucket. No duration in it is longer, except in the last one.</summary>
    public static TimeSpan LongestIn(int bucket)
    {
        if (bucket <= 0)
            return TimeSpan.FromMicroseconds(1 << BitsOfPrecision);
        var exponent = (bucket - 1) >> BitsOfPrecision;
        return TimeSpan.FromMicroseconds((9L + (bucket - 1 & 7)) << exponent);
    }
}

/// <summary>Percentiles of a token's request durations: half of them took at most <paramref name="P50"/>, 95 of 100 at most <paramref name="P95"/>,
/// and so on. Each is rounded up, by at most 12.5 %: no percentile is longer than this says.</summary>
public sealed record LatencyStatistics(TimeSpan P50, TimeSpan P95, TimeSpan P99)
{
    /// <param name="buckets">The number of requests in each bucket.</param>
    /// <returns>Null if there are none.</returns>
    internal static LatencyStatistics? From(IEnumerable<(int Bucket, long Count)> buckets)
    {
        var ordered = buckets.GroupBy(entry => entry.Bucket).Select(group => (Bucket: group.Key, Count: group.Sum(entry => entry.Count))).OrderBy(entry => entry.Bucket).ToList();
        var total = ordered.Sum(entry => entry.Count);
        return total == 0 ? null : new(At(ordered, total, 0.50), At(ordered, total, 0.95), At(ordered, total, 0.99));
    }

    private static TimeSpan At(List<(int Bucket, long Count)> ordered, long total, double share)
    {
        var rank = (long)Math.Ceiling(total * share);
        var seen = 0L;
        foreach (var (bucket, count) in ordered)
            if ((seen += count) >= rank)
                return LatencyBuckets.LongestIn(bucket);
        return LatencyBuckets.LongestIn(ordered[^1].Bucket);
    }
}
