using System.Globalization;

namespace Portal.Tokens.Details;

/// <summary>Formats durations for users.</summary>
internal static class Milliseconds
{
    /// <summary>Formats a duration with two significant digits: <c>0.4 ms</c>, <c>12 ms</c>, <c>1.2 s</c>, <c>95 s</c>.</summary>
    public static string Words(TimeSpan time)
    {
        var (value, unit) = time.TotalMilliseconds < 999.5 ? (time.TotalMilliseconds, "ms") : (time.TotalSeconds, "s");
        return $"{value.ToString(value < 9.95 ? "0.0" : "N0", CultureInfo.CurrentCulture)} {unit}";
    }
}
