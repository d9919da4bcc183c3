using Portal.Localization;

namespace Portal.Accounts;

/// <summary>Formats the time that a user has to wait.</summary>
internal static class RetryDelay
{
    /// <returns>Rounded up: <c>20 seconds</c>, <c>1 minute</c>, <c>5 minutes</c>.</returns>
    public static string Describe(TimeSpan time)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
        return seconds < 60
            ? TextFormat.Count(seconds, Texts.Delay_Second, Texts.Delay_Seconds)
            : TextFormat.Count((seconds + 59) / 60, Texts.Delay_Minute, Texts.Delay_Minutes);
    }
}
