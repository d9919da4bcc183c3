using System.Globalization;

namespace Portal.Tokens.Details;

/// <summary>Formats durations for users.</summary>
internal static class Milliseconds
{
    private const long TenthOfMillisecond = TimeSpan.TicksPerMillisecond / 10, TenthOfSecond = TimeSpan.TicksPerSecond / 10;

    /// <summary>Formats a duration with two significant digits: <c>0.4 ms</c>, <c>12 ms</c>, <c>1.2 s</c>, <c>95 s</c>.</summary>
    public static string Words(TimeSpan time)
    {
        var (value, unit) = time.TotalMilliseconds < 999.5 ? (time.TotalMilliseconds, "ms") : (time.TotalSeconds, "s");
        return $"{value.ToString(value < 9.95 ? "0.0" : "N0", CultureInfo.CurrentCulture)} {unit}";
    }

    /// <summary>Does the same for a limit, which is rounded up: a duration of at most 12.1 ms is one of at most <c>13 ms</c>.</summary>
    public static string AtMost(TimeSpan limit) => Words(new TimeSpan(limit.Ticks switch
    {
        <= 99 * TenthOfMillisecond => Up(limit.Ticks, TenthOfMillisecond),
        <= 999 * TimeSpan.TicksPerMillisecond => Up(limit.Ticks, TimeSpan.TicksPerMillisecond),
        <= 99 * TenthOfSecond => Up(limit.Ticks, TenthOfSecond),
        _ => Up(limit.Ticks, TimeSpan.TicksPerSecond),
    }));

    private static long Up(long ticks, long unit) => (ticks + unit - 1) / unit * unit;
}
