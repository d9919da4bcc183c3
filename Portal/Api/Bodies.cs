namespace Portal.Api;

// What goes over the wire; names become snake_case.

internal sealed record ReferenceBody(string Id, string Name);

/// <param name="User">The token: its handle and name.</param>
internal sealed record ContextBody(ReferenceBody Account, ReferenceBody User);

internal sealed record AccountBody(string Id, string Name, EventsBody Events);

internal sealed record EventsBody(EventBody Created);

/// <param name="At">UTC.</param>
internal sealed record EventBody(DateTime At);

internal sealed record SettingsBody(AclBody Acl);

/// <param name="Ips">Empty: every address is allowed.</param>
internal sealed record AclBody(IpRangeBody[] Ips);

/// <param name="IpRange">The first and the last address.</param>
internal sealed record IpRangeBody(string Name, string[] IpRange);
