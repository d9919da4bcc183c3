using Portal.Data;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The outcome of a verification, for metrics and traces.</summary>
internal static class VerificationOutcome
{
    public const string Tag = "portal.outcome";

    public static string Of(in AccessDecision decision) => decision switch
    {
        { Refusal: null } => "accepted",
        { IsRetiredKey: true } => "retired_key",
        { Refusal.Code: ErrorCodes.TooManyRequests, Admitted: false } => "too_many_failures",
        { Credential: null } => "unauthorized",
        { Refusal.Code: ErrorCodes.TokenNotUsable } => Of(decision.Credential.Status),
        { Refusal.Code: ErrorCodes.AddressNotAllowed } => "address_not_allowed",
        { Refusal.Code: ErrorCodes.ModuleNotEnabled } => "module_not_enabled",
        { Refusal.Code: ErrorCodes.TooManyRequests } => "rate_limited",
        _ => "not_found",
    };

    private static string Of(StoredStatus status) => status switch
    {
        StoredStatus.Deleted => "deleted",
        StoredStatus.Inactive => "disabled",
        StoredStatus.Pending => "pending",
        _ => "expired",
    };
}
