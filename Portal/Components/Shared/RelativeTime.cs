using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>Describes how long ago a time was, in the largest unit that fits.</summary>
internal static class RelativeTime
{
    public static string Say(TimeSpan past) => past switch
    {
        { TotalDays: >= 365 } => TextFormat.Count((int)(past.TotalDays / 365), Texts.RelativeTime_Year, Texts.RelativeTime_Years),
        { TotalDays: >= 30 } => TextFormat.Count((int)(past.TotalDays / 30), Texts.RelativeTime_Month, Texts.RelativeTime_Months),
        { TotalDays: >= 1 } => TextFormat.Count((int)past.TotalDays, Texts.RelativeTime_Day, Texts.RelativeTime_Days),
        { TotalHours: >= 1 } => TextFormat.Count((int)past.TotalHours, Texts.RelativeTime_Hour, Texts.RelativeTime_Hours),
        { TotalMinutes: >= 1 } => TextFormat.Count((int)past.TotalMinutes, Texts.RelativeTime_Minute, Texts.RelativeTime_Minutes),
        _ => Texts.RelativeTime_JustNow,
    };
}
