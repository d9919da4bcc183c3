namespace Portal.Notices;

/// <summary>The kinds of notices. Stored values: they must not change.</summary>
public static class NoticeKind
{
    /// <summary>A token expires soon, or has expired.</summary>
    public const string Expiring = "expiring";

    /// <summary>The row that holds <see cref="NoticeTurn"/>. Nobody is told.</summary>
    internal const string Turn = "turn";

    /// <summary>The kinds that people can mute, in the order of their settings.</summary>
    public static IReadOnlyList<string> All { get; } = [Expiring];

    /// <summary>The code of the audit entry of a notice.</summary>
    public static string AuditCode(string kind) => "notice." + kind;
}
