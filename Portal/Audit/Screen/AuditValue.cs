using System.Globalization;

namespace Portal.Audit.Screen;

/// <summary>Recognizes values in the details of audit entries.</summary>
internal static class AuditValue
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <returns>In UTC; null: the value isn't a time.</returns>
    public static DateTime? FindTime(string value) =>
        DateTime.TryParseExact(value, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
