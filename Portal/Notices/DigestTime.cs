using Portal.Data;

namespace Portal.Notices;

/// <summary>When the mail of a digest is due.</summary>
internal static class DigestTime
{
    /// <summary>The hour of the day in the reader's time zone.</summary>
    private const int Hour = 8;

    /// <summary>The next time at which the reader gets mails: now, the next morning, or the next Monday morning.</summary>
    /// <param name="now">UTC.</param>
    /// <returns>UTC.</returns>
    public static DateTime Next(NoticeDigest digest, TimeZoneInfo zone, DateTime now)
    {
        if (digest == NoticeDigest.Off)
            return now;
        var day = TimeZoneInfo.ConvertTimeFromUtc(now, zone).Date;
        // The clock may skip the hour or repeat it, so the day after is tried until a time is in the future.
        while (true)
        {
            if ((digest == NoticeDigest.Daily || day.DayOfWeek == DayOfWeek.Monday) && At(day, zone) is var due && due > now)
                return due;
            day = day.AddDays(1);
        }
    }

    private static DateTime At(DateTime day, TimeZoneInfo zone)
    {
        var time = day.AddHours(Hour);
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(time) ? time.AddHours(1) : time, zone);
    }
}
