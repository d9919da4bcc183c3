using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Api.Document;
using Portal.Data;

namespace Portal.Api;

// What goes over the wire; names become snake_case. Tokens are in TokenBodies.cs. The comments on fields are what the API's document
// says of them.

internal sealed record ReferenceBody(string Id, string Name);

/// <param name="Account">The account that the token belongs to.</param>
/// <param name="User">The token: its handle and name.</param>
internal sealed record ContextBody(ReferenceBody Account, ReferenceBody User);

[SchemaName("auth.Account")]
internal sealed record AccountBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(Account.NameLength)] string Name,
    [property: ReadOnly(true)] EventsBody Events);

internal sealed record EventsBody(EventBody Created);

internal sealed record EventBody(DateTimeOffset At);

internal sealed record SettingsBody(AclBody Acl);

/// <param name="Ips">Empty: every address is allowed.</param>
internal sealed record AclBody(IpRangeBody[] Ips);

/// <param name="Name">Empty: the rule has none.</param>
/// <param name="IpRange">The first and the last address, IPv4 or IPv6.</param>
internal sealed record IpRangeBody(string Name, [property: MinLength(2), MaxLength(2)] string[] IpRange);

[SchemaName("auth.Module")]
internal sealed record ModuleBody([property: ReadOnly(true)] string Id, [property: MaxLength(32)] string Name);

/// <summary>What Portal does not have of an extension is null or empty, where the contract allows it, and else left out.</summary>
/// <param name="Name">In lower case, without white space.</param>
/// <param name="Categories">Portal has none.</param>
/// <param name="Industries">Portal has none.</param>
/// <param name="Icon">Portal has none.</param>
/// <param name="ExternalId">Portal has none.</param>
/// <param name="Subtitle">Portal has none.</param>
/// <param name="Overview">Portal has none.</param>
/// <param name="Websites">Portal has none.</param>
[SchemaName("auth.Extension")]
internal sealed record ExtensionBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(50)] string Name,
    [property: MaxLength(255)] string Description,
    CategoryBody[] Categories,
    IndustryBody[] Industries,
    string? Icon = null,
    [property: MaxLength(256)] string? ExternalId = null,
    [property: MaxLength(128)] string? Subtitle = null,
    string? Overview = null,
    string[]? Websites = null);

/// <summary>There is none; the type is the contract's.</summary>
[SchemaName("auth.ExtensionCategory")]
internal sealed record CategoryBody([property: ReadOnly(true)] string Id, [property: MaxLength(255)] string Name);

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
/// <param name="StartedTrackingAt">Since when what is told is kept.</param>
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
