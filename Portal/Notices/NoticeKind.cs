namespace Portal.Notices;

/// <summary>The kinds of notices. Stored values: they must not change.</summary>
public static class NoticeKind
{
    /// <summary>A token expires soon, or has expired.</summary>
    public const string Expiring = "expiring";

    /// <summary>A program called with a key that was replaced.</summary>
    public const string RetiredKeyUsed = "retired_key_used";

    /// <summary>A token is called although it has expired.</summary>
    public const string ExpiredCalled = "expired_called";

    /// <summary>A token was used from a network for the first time.</summary>
    public const string NewNetwork = "new_network";

    /// <summary>A token sent more requests than its rate limit allows.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>Portal refused more requests of a token than usual.</summary>
    public const string RefusedMore = "refused_more";

    /// <summary>A token isn't used, and the policy will disable it.</summary>
    public const string Idle = "idle";

    /// <summary>A key is older than the policy allows.</summary>
    public const string Rotation = "rotation";

    /// <summary>Portal has switched a webhook endpoint off. Only administrators are told.</summary>
    public const string WebhookOff = "webhook_off";

    /// <summary>Someone requested a change that an administrator must approve.</summary>
    public const string ApprovalRequested = "approval_requested";

    /// <summary>A request of the reader was decided, or ended by itself.</summary>
    public const string ApprovalDecided = "approval_decided";

    /// <summary>The row that holds <see cref="NoticeTurn"/>. Nobody is told.</summary>
    internal const string Turn = "turn";

    /// <summary>The kinds that people can mute, in the order of their settings.</summary>
    public static IReadOnlyList<string> All { get; } = [Expiring, RetiredKeyUsed, ExpiredCalled, NewNetwork, RateLimited, RefusedMore, Idle, Rotation, ApprovalRequested, ApprovalDecided, WebhookOff];

    /// <summary>Whether only administrators get it.</summary>
    public static bool IsForAdministrators(string kind) => kind == WebhookOff;

    /// <summary>The code of the audit entry of a notice.</summary>
    public static string AuditCode(string kind) => "notice." + kind;
}
