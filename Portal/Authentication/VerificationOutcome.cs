using Portal.Data;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The outcome of a verification, for metrics and traces.</summary>
internal static class VerificationOutcome
{
    public const string Tag = "portal.outcome";

    private const string TooManyFailures = "too_many_failures", Unauthorized = "unauthorized";

    public static string Of(in AccessDecision decision) => decision switch
    {
        { Refusal: null } => "accepted",
        { Refusal.Code: ErrorCodes.TooManyRequests, Admitted: false } => TooManyFailures,
        { Credential: null } => Unauthorized,
        { Refusal.Code: ErrorCodes.TokenNotUsable } => Of(decision.Credential.Status),
        { Refusal.Code: ErrorCodes.AddressNotAllowed } => "address_not_allowed",
        { Refusal.Code: ErrorCodes.ModuleNotEnabled } => "module_not_enabled",
        { Refusal.Code: ErrorCodes.TooManyRequests } => "rate_limited",
        _ => "not_found",
    };

    /// <summary>The outcome for a key that no token has at present.</summary>
    /// <param name="status">The status code of the response.</param>
    /// <param name="isRetired">Whether a token had the key once.</param>
    public static string OfRefusedKey(int status, bool isRetired) =>
        isRetired ? "retired_key" : status == StatusCodes.Status429TooManyRequests ? TooManyFailures : Unauthorized;

    private static string Of(StoredStatus status) => status switch
    {
        StoredStatus.Deleted => "deleted",
        StoredStatus.Inactive => "disabled",
        StoredStatus.Pending => "pending",
        _ => "expired",
    };
}
