using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Localization;

/// <summary>Formats a day in the reader's culture with the short name of the month: 26 Nov 2026, Nov 26, 2026 or 26. Nov. 2026. <c>portal.js</c>
/// formats times in the same way.</summary>
public static partial class ReaderDate
{
    public static string Write(DateOnly day) => day.ToString(Pattern(CultureInfo.CurrentCulture.DateTimeFormat), CultureInfo.CurrentCulture);

    /// <summary>Does the same without the year: 26 Nov, Nov 26 or 26. Nov.</summary>
    public static string WriteWithoutYear(DateOnly day) =>
        day.ToString(Short(CultureInfo.CurrentCulture.DateTimeFormat.MonthDayPattern), CultureInfo.CurrentCulture);

    // .NET has a long form with the day of the week and a numeric form, but none in between.
    private static string Pattern(DateTimeFormatInfo format) => Short(DayOfWeek().Replace(format.LongDatePattern, "")).Trim(' ', ',');

    private static string Short(string pattern) => pattern.Replace("MMMM", "MMM", StringComparison.Ordinal);

    [GeneratedRegex("dddd,? ?")]
    private static partial Regex DayOfWeek();
}
