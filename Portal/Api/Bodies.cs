namespace Portal.Api;

// What goes over the wire; names become snake_case. Tokens are in TokenBodies.cs.

internal sealed record ReferenceBody(string Id, string Name);

/// <param name="User">The token: its handle and name.</param>
internal sealed record ContextBody(ReferenceBody Account, ReferenceBody User);

internal sealed record AccountBody(string Id, string Name, EventsBody Events);

internal sealed record EventsBody(EventBody Created);

internal sealed record EventBody(DateTimeOffset At);

internal sealed record SettingsBody(AclBody Acl);

/// <param name="Ips">Empty: every address is allowed.</param>
internal sealed record AclBody(IpRangeBody[] Ips);

/// <param name="IpRange">The first and the last address.</param>
internal sealed record IpRangeBody(string Name, string[] IpRange);

internal sealed record ModuleBody(string Id, string Name);

/// <summary>What Portal does not have of an extension is null or empty, where the contract allows it, and else left out.</summary>
internal sealed record ExtensionBody(
    string Id, string Name, string Description, string[] Categories, string[] Industries,
    string? Icon = null, string? ExternalId = null, string? Subtitle = null, string? Overview = null, string[]? Websites = null);

internal sealed record DayBody(DateOnly Date, StatusCountBody[] Statuses);

internal sealed record StatusCountBody(string Code, long Count);

internal sealed record SummaryBody(string Id, StatusTotalBody[] Statuses, DateTimeOffset StartedTrackingAt);

internal sealed record StatusTotalBody(string Code, long Total, long SinceLastReset);

/// <summary>Moments as the wire has them: with the offset of UTC, <c>2026-11-24T10:00:00+00:00</c>.</summary>
internal static class Bodies
{
    /// <param name="at">UTC.</param>
    public static DateTimeOffset Moment(DateTime at) => new(at, TimeSpan.Zero);

    /// <inheritdoc cref="Moment(DateTime)"/>
    public static DateTimeOffset? Moment(DateTime? at) => at is { } moment ? Moment(moment) : null;
}
