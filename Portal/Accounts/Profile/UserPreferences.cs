using System.Text.RegularExpressions;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Profile;

/// <summary>How a user wants to see the pages, in every browser.</summary>
/// <param name="Theme"><c>light</c> or <c>dark</c>; null: as the browser.</param>
/// <param name="Language">A language of the pages, such as <c>de</c>; null: as the browser.</param>
/// <param name="TimeZone">An IANA time zone, such as <c>Europe/Berlin</c>; null: as the browser.</param>
public sealed partial record UserPreferences(string? Theme, string? Language, string? TimeZone)
{
    public const string ThemeCookie = "portal-theme";
    public const string TimeZoneCookie = "portal-time-zone";

    /// <summary>The time zones that can be selected, by name.</summary>
    public static IReadOnlyList<string> TimeZones { get; } =
    [
        .. TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.HasIanaId ? zone.Id : TimeZoneInfo.TryConvertWindowsIdToIanaId(zone.Id, out var id) ? id : "")
            .Where(IsTimeZoneName).Append("UTC").Distinct().Order(StringComparer.Ordinal),
    ];

    internal static UserPreferences Of(PortalUser user) => new(user.Theme, user.Language, user.TimeZone);

    /// <summary>Without the values that don't exist.</summary>
    internal UserPreferences Clean() => new(
        Theme is "light" or "dark" ? Theme : null, Languages.Find(Language)?.Name, TimeZone is not null && TimeZones.Contains(TimeZone) ? TimeZone : null);

    /// <summary>Whether a text has the form of a time zone. Browsers know zones that this machine may not know.</summary>
    public static bool IsTimeZoneName(string? text) => text is { Length: <= PortalUser.TimeZoneLength } && ZoneName().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}\z")]
    private static partial Regex ZoneName();
}
