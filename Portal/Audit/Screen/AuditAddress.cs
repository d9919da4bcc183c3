using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Data;

namespace Portal.Audit.Screen;

/// <summary>Maps the filter of the audit log to the URL of its page.</summary>
/// <remarks><code>/audit?actor=SU-160-984-311&amp;action=token.created&amp;from=2026-11-01T00:00:00Z&amp;after=639000000000000000-42</code>
/// Invalid parts are ignored, so that an old or mistyped link still shows entries.</remarks>
internal static class AuditAddress
{
    public const string Path = "audit";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const int Longest = 200;

    /// <param name="address">Relative to the base address.</param>
    public static bool IsLog(string address) => address.Split('?', '#')[0].TrimEnd('/').Equals(Path, StringComparison.OrdinalIgnoreCase);

    public static (AuditFilter Filter, AuditCursor? After) Parse(Uri address)
    {
        var query = QueryHelpers.ParseQuery(address.Query);
        string? Value(string name) =>
            query.TryGetValue(name, out var values) && values[0]?.Trim() is { Length: > 0 and <= Longest } value && !SecretText.Holds(value) ? value : null;
        var filter = new AuditFilter
        {
            ActorId = Value("actor"), TargetId = Value("target"), Action = Value("action"), Address = Value("address"), From = Time(Value("from")), To = Time(Value("to")),
        };
        return (filter, Cursor(Value("after")));
    }

    public static string Write(AuditFilter filter, AuditCursor? after = null)
    {
        var parts = new Dictionary<string, string?>
        {
            ["actor"] = filter.ActorId, ["target"] = filter.TargetId, ["action"] = filter.Action, ["address"] = filter.Address,
            ["from"] = filter.From?.ToString(TimeFormat, CultureInfo.InvariantCulture), ["to"] = filter.To?.ToString(TimeFormat, CultureInfo.InvariantCulture),
            ["after"] = after is { } cursor ? string.Create(CultureInfo.InvariantCulture, $"{cursor.At.Ticks}-{cursor.Id}") : null,
        };
        return QueryHelpers.AddQueryString(Path, parts.Where(part => part.Value is not null && !SecretText.Holds(part.Value)));
    }

    private static DateTime? Time(string? text) =>
        DateTime.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static AuditCursor? Cursor(string? text) =>
        text?.Split('-') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new AuditCursor(new DateTime(ticks, DateTimeKind.Utc), number)
            : null;
}
