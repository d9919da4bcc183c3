namespace Portal.Accounts;

/// <summary>Tells a person how long to wait.</summary>
internal static class RetryDelay
{
    /// <returns>Rounded up: <c>20 seconds</c>, <c>1 minute</c>, <c>5 minutes</c>.</returns>
    public static string Describe(TimeSpan time)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
        var minutes = (seconds + 59) / 60;
        return seconds == 1 ? "1 second" : seconds < 60 ? $"{seconds} seconds" : minutes == 1 ? "1 minute" : $"{minutes} minutes";
    }
}
