namespace Portal.Audit;

/// <summary>Selects audit entries. Null: any.</summary>
public sealed record AuditFilter
{
    /// <summary>The ID of the user, or the handle of the token, that acted.</summary>
    public string? ActorId { get; init; }

    /// <summary>The ID of the user, or the handle of the token, on which someone acted.</summary>
    public string? TargetId { get; init; }

    /// <summary>The code of the action.</summary>
    public string? Action { get; init; }

    /// <summary>The IP address of the client, as <c>AddressNumber.Write</c> writes it.</summary>
    public string? Address { get; init; }

    /// <summary>The earliest time, in UTC.</summary>
    public DateTime? From { get; init; }

    /// <summary>The time before which entries are, in UTC.</summary>
    public DateTime? To { get; init; }

    public bool IsEmpty => this == new AuditFilter();
}

/// <summary>A person, token or part of Portal in the audit log.</summary>
/// <param name="Kind"><c>user</c>, <c>token</c> or <c>system</c>.</param>
/// <param name="Name">The name at the time of the entry.</param>
public sealed record AuditParty(string Kind, string Id, string Name);

/// <summary>A detail of an audit entry.</summary>
/// <param name="Field">The name of the value, such as <c>external_id</c>.</param>
/// <param name="After">The value; for a change, the new one. Null: none.</param>
public sealed record AuditDetail(string Field, string? After)
{
    /// <summary>For a change: the former value; null: there was none.</summary>
    public string? Before { get; init; }

    /// <summary>Whether the value was changed.</summary>
    public bool IsChange { get; init; }
}

/// <summary>An audit entry.</summary>
/// <param name="At">UTC.</param>
/// <param name="TargetId">The handle of a token, or the ID of a user, an account or another object.</param>
/// <param name="Address">The IP address of the client; null: unknown, or Portal itself, or the reader may not see it.</param>
public sealed record AuditEvent(
    long Id, DateTime At, AuditParty Actor, string Action, string TargetId, string TargetName, string? Address, IReadOnlyList<AuditDetail> Details);

/// <summary>A place in the audit log: the entry with this time and ID.</summary>
public readonly record struct AuditCursor(DateTime At, long Id);

/// <summary>Some entries, newest first.</summary>
/// <param name="Next">The place after which the older entries follow; null: there are no more.</param>
/// <param name="IsPartial">Whether the search ended early, at <paramref name="Next"/>, because few entries meet all filters.</param>
public sealed record AuditSlice(IReadOnlyList<AuditEvent> Events, AuditCursor? Next, bool IsPartial);
