using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks.Screen;

/// <summary>The display texts of states, events and faults.</summary>
internal static class WebhookTexts
{
    /// <summary>What an event says, beside its name.</summary>
    public static string DescribeEvent(string name) => name switch
    {
        "token.created" => Texts.WebhookEvent_Created,
        "token.started" => Texts.WebhookEvent_Started,
        "token.updated" => Texts.WebhookEvent_Updated,
        "token.rotated" => Texts.WebhookEvent_Rotated,
        "token.renewed" => Texts.WebhookEvent_Renewed,
        "token.previous_key_ended" => Texts.WebhookEvent_PreviousKeyEnded,
        "token.disabled" => Texts.WebhookEvent_Disabled,
        "token.enabled" => Texts.WebhookEvent_Enabled,
        "token.deleted" => Texts.WebhookEvent_Deleted,
        "token.restored" => Texts.WebhookEvent_Restored,
        "token.key_viewed" => Texts.WebhookEvent_KeyViewed,
        "token.expiring" => Texts.WebhookEvent_Expiring,
        "token.retired_key_used" => Texts.WebhookEvent_RetiredKeyUsed,
        "token.address_rules_changed" => Texts.WebhookEvent_AddressRulesChanged,
        "approval.requested" => Texts.WebhookEvent_ApprovalRequested,
        "approval.approved" => Texts.WebhookEvent_ApprovalApproved,
        "approval.declined" => Texts.WebhookEvent_ApprovalDeclined,
        "approval.withdrawn" => Texts.WebhookEvent_ApprovalWithdrawn,
        "approval.expired" => Texts.WebhookEvent_ApprovalExpired,
        _ => "",
    };

    public static string Describe(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => Texts.Delivery_Waiting,
        DeliveryState.Delivered => Texts.Delivery_Delivered,
        _ => Texts.Delivery_Failed,
    };

    public static string ChipOf(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "chip-pending",
        DeliveryState.Delivered => "chip-active",
        _ => "chip-expired",
    };

    public static string DescribeState(WebhookEntry endpoint) =>
        endpoint.DisabledAt is not null ? Texts.Webhooks_Disabled : endpoint.FailingSince is not null ? Texts.Webhooks_Failing : Texts.Webhooks_Enabled;

    public static string ChipOf(WebhookEntry endpoint) => endpoint.DisabledAt is not null ? "chip-inactive" : endpoint.FailingSince is not null ? "chip-expired" : "chip-active";

    /// <summary>Why an attempt failed, and what to do.</summary>
    /// <param name="status">Shown if there is no fault.</param>
    public static string Describe(WebhookFault? fault, string? detail, int? status) => fault switch
    {
        WebhookFault.TimedOut => Texts.WebhookFault_TimedOut.With(WebhookClient.LongestWait.TotalSeconds),
        WebhookFault.NameNotFound => Texts.WebhookFault_NameNotFound,
        WebhookFault.AddressRefused => Texts.WebhookFault_AddressRefused.With(detail),
        WebhookFault.ConnectionFailed => Texts.WebhookFault_ConnectionFailed.With(detail),
        WebhookFault.CertificateInvalid => Texts.WebhookFault_CertificateInvalid,
        WebhookFault.Redirected => Texts.WebhookFault_Redirected.With(status),
        WebhookFault.SecretUnreadable => Texts.WebhookFault_SecretUnreadable,
        WebhookFault.ResponseInvalid => Texts.WebhookFault_ResponseInvalid,
        _ => Texts.WebhookFault_Status.With(status),
    };

    /// <summary>The text of an outcome that changed nothing; null: it did.</summary>
    public static string? Describe(WebhookOutcome outcome) => outcome switch
    {
        WebhookOutcome.Refused refused => refused.Message,
        WebhookOutcome.Invalid invalid => invalid.Faults[0].Message,
        WebhookOutcome.Changed => Texts.Webhooks_Changed,
        WebhookOutcome.NotFound => Texts.Webhooks_Gone,
        _ => null,
    };
}
