using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Localization;

/// <summary>Writes a day in the form of the reader's culture, with the short name of the month: 26 Nov 2026, Nov 26, 2026 or 26. Nov. 2026.
/// <c>portal.js</c> writes times in the same form.</summary>
public static partial class ReaderDate
{
    public static string Write(DateOnly day) => day.ToString(Pattern(CultureInfo.CurrentCulture.DateTimeFormat), CultureInfo.CurrentCulture);

    /// <summary>The same without the year: 26 Nov, Nov 26 or 26. Nov.</summary>
    public static string WriteWithoutYear(DateOnly day) =>
        day.ToString(Year().Replace(Pattern(CultureInfo.CurrentCulture.DateTimeFormat), "").Trim(' ', ','), CultureInfo.CurrentCulture);

    // .NET knows the long form with the day of the week, and the form in numbers, but none between.
    private static string Pattern(DateTimeFormatInfo format) =>
        DayOfWeek().Replace(format.LongDatePattern, "").Replace("MMMM", "MMM", StringComparison.Ordinal).Trim(' ', ',');

    [GeneratedRegex("dddd,? ?")]
    private static partial Regex DayOfWeek();

    [GeneratedRegex(",? ?y+,? ?")]
    private static partial Regex Year();
}
