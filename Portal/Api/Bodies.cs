using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Portal.Api.Document;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// What goes over the wire; names become snake_case. Tokens are in TokenBodies.cs, accounts in AccountBodies.cs, extensions in
// ExtensionBodies.cs. The comments on fields are what the API's document says of them. Fields of the wire contract that Portal has nothing
// to tell in are null where the contract allows that, and else left out: clients made from either document have the same types.

internal sealed record ReferenceBody(string Id, string Name);

/// <param name="Icon">Portal has none.</param>
internal sealed record IconReferenceBody(string Id, string Name, [property: JsonIgnore(Condition = WhenWritingNull)] string? Icon = null);

/// <param name="Updated">Portal has none.</param>
internal sealed record EventsBody(EventBody Created, [property: JsonIgnore(Condition = WhenWritingNull)] EventBody? Updated = null);

/// <param name="By">Portal has none.</param>
internal sealed record EventBody(DateTimeOffset At, [property: JsonIgnore(Condition = WhenWritingNull)] IconReferenceBody? By = null);

internal sealed record SettingsBody(AclBody Acl);

/// <param name="Ips">Empty: every address is allowed.</param>
internal sealed record AclBody(IpRangeBody[] Ips);

/// <param name="Name">Empty: the rule has none.</param>
/// <param name="IpRange">The first and the last address, IPv4 or IPv6.</param>
internal sealed record IpRangeBody(string Name, [property: MinLength(2), MaxLength(2)] string[] IpRange);

[SchemaName("auth.Module")]
internal sealed record ModuleBody([property: ReadOnly(true)] string Id, [property: MaxLength(32)] string Name);

/// <summary>There is none; the type is the contract's.</summary>
[SchemaName("auth.Industry")]
internal sealed record IndustryBody([property: ReadOnly(true)] string Id, [property: MaxLength(255)] string Name);

/// <param name="Date">In UTC.</param>
/// <param name="Statuses">Only those that were answered that day.</param>
[SchemaName("statistics.AccountTokenAggregates")]
internal sealed record DayBody(DateOnly Date, StatusCountBody[] Statuses);

/// <param name="Code">Of HTTP.</param>
/// <param name="Count">How often it was answered that day.</param>
[SchemaName("statistics.StatusCode")]
internal sealed record StatusCountBody(string Code, long Count);

/// <param name="Id">The token's handle.</param>
/// <param name="StartedTrackingAt">The time since when statistics are kept.</param>
[SchemaName("statistics.AccountTokenSummary")]
internal sealed record SummaryBody(
    [property: ReadOnly(true)] string Id,
    [property: ReadOnly(true)] StatusTotalBody[] Statuses,
    [property: ReadOnly(true)] DateTimeOffset StartedTrackingAt);

/// <param name="Code">Of HTTP.</param>
/// <param name="Total">How often it was answered.</param>
/// <param name="SinceLastReset">The same: nothing is ever reset.</param>
[SchemaName("statistics.Statuses")]
internal sealed record StatusTotalBody(
    [property: ReadOnly(true)] string Code,
    [property: ReadOnly(true)] long Total,
    [property: ReadOnly(true)] long SinceLastReset);

/// <summary>Moments as the wire has them: with the offset of UTC, <c>2026-11-24T10:00:00+00:00</c>.</summary>
internal static class Bodies
{
    /// <param name="at">UTC.</param>
    public static DateTimeOffset Moment(DateTime at) => new(at, TimeSpan.Zero);

    /// <inheritdoc cref="Moment(DateTime)"/>
    public static DateTimeOffset? Moment(DateTime? at) => at is { } moment ? Moment(moment) : null;
}
