using System.Security.Cryptography;
using System.Text;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Portal.Data;
using Portal.Localization;

namespace Portal.Notices;

/// <summary>An expiration in a calendar.</summary>
internal sealed record CalendarEntry(string Handle, string Name, DateTime ExpiresAt, DateTime UpdatedAt, StoredStatus Status);

/// <summary>A calendar in the format iCalendar (RFC 5545).</summary>
/// <param name="Tag">Identifies the content; it changes only with the content.</param>
/// <param name="ModifiedAt">The time of the latest change of a token in it, UTC.</param>
public sealed record CalendarFile(byte[] Content, string Tag, DateTime ModifiedAt)
{
    private static readonly int[] AlarmDays = [7, 1];

    /// <summary>Writes the same bytes for the same tokens, so that calendar programs don't load them again.</summary>
    internal static CalendarFile Write(IEnumerable<CalendarEntry> entries, Uri portal, DateTime createdAt)
    {
        var calendar = new Calendar { ProductId = "-//Portal//Expirations//EN" };
        calendar.AddProperty("X-WR-CALNAME", Texts.Calendar_Name);
        var refresh = new CalendarProperty("REFRESH-INTERVAL", "PT1H");
        refresh.AddParameter("VALUE", "DURATION");
        calendar.Properties.Add(refresh);
        calendar.AddProperty("X-PUBLISHED-TTL", "PT1H");
        var modified = createdAt;
        foreach (var entry in entries)
        {
            calendar.Events.Add(EventOf(entry, portal));
            modified = entry.UpdatedAt > modified ? entry.UpdatedAt : modified;
        }

        var content = Encoding.UTF8.GetBytes(new CalendarSerializer().SerializeToString(calendar) ?? "");
        return new CalendarFile(content, $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"", modified);
    }

    /// <summary>The ID stays the same when the token is renewed, so that the event moves.</summary>
    private static CalendarEvent EventOf(CalendarEntry entry, Uri portal)
    {
        var title = Texts.Calendar_Event.With(entry.Name);
        var expiration = new CalendarEvent
        {
            Uid = $"{entry.Handle}@portal", Summary = title, Description = Texts.Calendar_Description.With(entry.Handle), Url = new Uri(portal, $"tokens/{entry.Handle}"),
            Start = new CalDateTime(entry.ExpiresAt, "UTC"), End = new CalDateTime(entry.ExpiresAt, "UTC"),
            DtStamp = new CalDateTime(entry.UpdatedAt, "UTC"), LastModified = new CalDateTime(entry.UpdatedAt, "UTC"), Transparency = TransparencyType.Transparent,
        };
        foreach (var days in AlarmDays)
            expiration.Alarms.Add(new Alarm { Action = AlarmAction.Display, Description = title, Trigger = new Trigger(Duration.FromDays(-days)) });
        return expiration;
    }
}
