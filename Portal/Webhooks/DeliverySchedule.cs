using System.Security.Cryptography;

namespace Portal.Webhooks;

/// <summary>When failed deliveries are tried again.</summary>
internal static class DeliverySchedule
{
    /// <summary>The time for which a delivery is tried, from its first attempt.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromHours(24);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromHours(1);

    /// <summary>Each pause is this many times as long as the one before.</summary>
    private const int Factor = 3;

    /// <summary>In percent. Random, so that deliveries that failed together don't all return together.</summary>
    private const int LowestShare = 80, HighestShare = 120;

    /// <param name="attempts">The number of attempts so far, at least one.</param>
    /// <param name="firstAt">The time of the first of them.</param>
    /// <param name="retryAfter">How long the receiver asks to wait.</param>
    /// <returns>The time of the next attempt; null: there is none.</returns>
    public static DateTime? FindNext(int attempts, DateTime firstAt, DateTime now, TimeSpan? retryAfter)
    {
        var end = firstAt + Limit;
        if (now >= end)
            return null;
        var next = now + PauseAfter(attempts);
        if (retryAfter is { } wanted && now + wanted > next)
            next = now + wanted;
        // The last attempt is at the end, not before.
        return next < end ? next : end;
    }

    private static TimeSpan PauseAfter(int attempts)
    {
        var pause = First;
        for (var i = 1; i < attempts && pause < Longest; i++)
            pause *= Factor;
        return (pause < Longest ? pause : Longest) * RandomNumberGenerator.GetInt32(LowestShare, HighestShare + 1) / 100;
    }
}
