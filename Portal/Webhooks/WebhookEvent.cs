using Portal.Audit;
using Portal.Tokens;

namespace Portal.Webhooks;

/// <summary>A type of event that an endpoint can receive.</summary>
/// <param name="Name">The name in the body, such as <c>token.disabled</c>. It must not change, because receivers compare it.</param>
/// <param name="Actions">The audit actions that cause it.</param>
public sealed record WebhookEvent(string Name, IReadOnlyList<string> Actions)
{
    /// <summary>The event that <i>Send a test</i> sends, whatever the endpoint has chosen.</summary>
    public const string Test = "webhook.test";

    /// <summary>All events that an endpoint can choose, in the order of the form.</summary>
    public static IReadOnlyList<WebhookEvent> All { get; } =
    [
        new("token.created", [AuditAction.TokenCreated]),
        new("token.started", [AuditAction.TokenStarted]),
        new("token.updated", [AuditAction.TokenUpdated, TokenAction.ChangeOwner.AuditCode, "token.expiration_shortened"]),
        new("token.rotated", [TokenAction.Rotate.AuditCode]),
        new("token.renewed", [TokenAction.Renew.AuditCode]),
        new("token.previous_key_ended", [TokenAction.EndPrevious.AuditCode]),
        new("token.disabled", [TokenAction.Disable.AuditCode]),
        new("token.enabled", [TokenAction.Enable.AuditCode]),
        new("token.deleted", [TokenAction.Delete.AuditCode]),
        new("token.restored", ["token.restored"]),
        new("token.key_viewed", [AuditAction.KeyViewed, AuditAction.KeyCopied, AuditAction.KeyDownloaded]),
        new("token.expiring", ["notice.expiring"]),
        new("token.retired_key_used", ["notice.retired_key_used"]),
        new("token.address_rules_changed", [AuditAction.IpRuleAdded, AuditAction.IpRuleRemoved]),
        new("approval.requested", [AuditAction.ApprovalRequested]),
        new("approval.approved", [AuditAction.ApprovalApproved]),
        new("approval.declined", [AuditAction.ApprovalDeclined]),
        new("approval.withdrawn", [AuditAction.ApprovalWithdrawn]),
        new("approval.expired", [AuditAction.ApprovalExpired]),
    ];

    /// <summary>Audit actions about tokens that are no events, because they change nothing for receivers.</summary>
    public static IReadOnlyList<string> NotSent { get; } = [AuditAction.KeyTraced, AuditAction.TokensExported, AuditAction.TokenPurged];

    private static readonly Dictionary<string, WebhookEvent> ByAction =
        All.SelectMany(type => type.Actions.Select(action => (action, type))).ToDictionary(pair => pair.action, pair => pair.type, StringComparer.Ordinal);

    /// <returns>Null: the action isn't sent.</returns>
    public static WebhookEvent? Of(string auditAction) => ByAction.GetValueOrDefault(auditAction);
}
