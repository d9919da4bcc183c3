using Portal.Statistics;
using Portal.Wire;

namespace Portal.Tokens.Details;

/// <summary>Describes why requests were refused. The page also shows the error code that the client got.</summary>
internal static class RefusalReason
{
    public static string Words(string reason) => reason switch
    {
        ErrorCodes.Unauthorized => "Key ended during the request",
        ErrorCodes.TokenNotUsable => "Token disabled, expired or deleted",
        ErrorCodes.AddressNotAllowed => "Address not allowed",
        ErrorCodes.ModuleNotEnabled => "Module not enabled",
        ErrorCodes.TooManyRequests => "Too many requests",
        ErrorCodes.NotFound => "Path not found",
        ErrorCodes.NoUpstream => "Module has no upstream",
        ErrorCodes.UpstreamFailed => "Upstream failed",
        ErrorCodes.UpstreamTooSlow => "Upstream too slow",
        ErrorCodes.NoHealthyUpstream => "No healthy upstream",
        CountReason.RetiredKey => "Retired key used",
        _ => "Refused",
    };

    /// <summary>The error code in the response. A retired key gets the same code as an unknown key.</summary>
    public static string Code(string reason) => reason == CountReason.RetiredKey ? ErrorCodes.Unauthorized : reason;
}
