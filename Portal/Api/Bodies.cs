using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Portal.Api.Document;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// The wire format; names are converted to snake_case. Tokens are in TokenBodies.cs, accounts in AccountBodies.cs, extensions in
// ExtensionBodies.cs. The comments of fields become descriptions in the OpenAPI document. Fields of the wire contract for which Portal has
// no data are null if the contract allows it, and omitted otherwise, so that clients generated from either document have the same types.

internal sealed record ReferenceBody(string Id, string Name);

/// <param name="Icon">Not provided by Portal.</param>
internal sealed record IconReferenceBody(string Id, string Name, [property: JsonIgnore(Condition = WhenWritingNull)] string? Icon = null);

/// <param name="Updated">Not provided by Portal.</param>
internal sealed record EventsBody(EventBody Created, [property: JsonIgnore(Condition = WhenWritingNull)] EventBody? Updated = null);

/// <param name="By">Not provided by Portal.</param>
internal sealed record EventBody(DateTimeOffset At, [property: JsonIgnore(Condition = WhenWritingNull)] IconReferenceBody? By = null);

internal sealed record SettingsBody(AclBody Acl);

/// <param name="Ips">Empty: every address is allowed.</param>
internal sealed record AclBody(IpRangeBody[] Ips);

/// <param name="Name">The label of the rule; empty: none.</param>
/// <param name="IpRange">The first and the last address, IPv4 or IPv6.</param>
internal sealed record IpRangeBody(string Name, [property: MinLength(2), MaxLength(2)] string[] IpRange);

[SchemaName("auth.Module")]
internal sealed record ModuleBody([property: ReadOnly(true)] string Id, [property: MaxLength(32)] string Name);

/// <summary>Never used; the type is part of the wire contract.</summary>
[SchemaName("auth.Industry")]
internal sealed record IndustryBody([property: ReadOnly(true)] string Id, [property: MaxLength(255)] string Name);

/// <param name="Date">The UTC day.</param>
/// <param name="Statuses">Only the status codes that occurred on that day.</param>
[SchemaName("statistics.AccountTokenAggregates")]
internal sealed record DayBody(DateOnly Date, StatusCountBody[] Statuses);

/// <param name="Code">The HTTP status code.</param>
/// <param name="Count">The number of responses with this status code on that day.</param>
[SchemaName("statistics.StatusCode")]
internal sealed record StatusCountBody(string Code, long Count);

/// <param name="Id">The token's handle.</param>
/// <param name="StartedTrackingAt">The time since which statistics are kept.</param>
[SchemaName("statistics.AccountTokenSummary")]
internal sealed record SummaryBody(
    [property: ReadOnly(true)] string Id,
    [property: ReadOnly(true)] StatusTotalBody[] Statuses,
    [property: ReadOnly(true)] DateTimeOffset StartedTrackingAt);

/// <param name="Code">The HTTP status code.</param>
/// <param name="Total">The number of responses with this status code.</param>
/// <param name="SinceLastReset">The same as the total: statistics are never reset.</param>
[SchemaName("statistics.Statuses")]
internal sealed record StatusTotalBody(
    [property: ReadOnly(true)] string Code,
    [property: ReadOnly(true)] long Total,
    [property: ReadOnly(true)] long SinceLastReset);

/// <summary>Formats times for the wire, with the UTC offset: <c>2026-11-24T10:00:00+00:00</c>.</summary>
internal static class Bodies
{
    /// <param name="at">UTC.</param>
    public static DateTimeOffset Moment(DateTime at) => new(at, TimeSpan.Zero);

    /// <inheritdoc cref="Moment(DateTime)"/>
    public static DateTimeOffset? Moment(DateTime? at) => at is { } moment ? Moment(moment) : null;
}
