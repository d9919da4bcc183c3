namespace Portal.Components.Shared;

/// <summary>How long ago something was, in the largest unit that fits.</summary>
internal static class RelativeTime
{
    public static string Say(TimeSpan past) => past switch
    {
        { TotalDays: >= 365 } => Count((int)(past.TotalDays / 365), "year"),
        { TotalDays: >= 30 } => Count((int)(past.TotalDays / 30), "month"),
        { TotalDays: >= 1 } => Count((int)past.TotalDays, "day"),
        { TotalHours: >= 1 } => Count((int)past.TotalHours, "hour"),
        { TotalMinutes: >= 1 } => Count((int)past.TotalMinutes, "minute"),
        _ => "just now",
    };

    private static string Count(int number, string unit) => number == 1 ? $"1 {unit} ago" : $"{number} {unit}s ago";
}
