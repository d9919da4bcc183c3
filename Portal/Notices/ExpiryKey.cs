using System.Globalization;

namespace Portal.Notices;

/// <summary>The key of a notice of an expiration, such as <c>expiring:311:1893456000:7</c>: the ID of the token, its expiration in seconds since 1970,
/// and the number of days before it. A renewed token has another expiration, so its notices begin again.</summary>
internal readonly record struct ExpiryKey(long TokenId, long ExpiresAt, int Days)
{
    public static string Write(long tokenId, DateTime expiresAt, int days) =>
        string.Create(CultureInfo.InvariantCulture, $"{NoticeKind.Expiring}:{tokenId}:{Seconds(expiresAt)}:{days}");

    public static ExpiryKey? Parse(string key) => key.Split(':') is [NoticeKind.Expiring, var token, var expires, var days]
        && long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(expires, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
        && int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new ExpiryKey(id, seconds, number)
            : null;

    /// <summary>Whether the token still expires at the time that people were told.</summary>
    public bool IsOf(DateTime? expiresAt) => expiresAt is { } time && Seconds(time) == ExpiresAt;

    private static long Seconds(DateTime time) => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds();
}
