using Portal.Localization;
using Portal.Statistics;
using Portal.Wire;

namespace Portal.Tokens.Details;

/// <summary>Describes why requests were refused. The page also shows the error code that the client got.</summary>
internal static class RefusalReason
{
    public static string Words(string reason) => reason switch
    {
        ErrorCodes.Unauthorized => Texts.RefusalReason_KeyEnded,
        ErrorCodes.TokenNotUsable => Texts.RefusalReason_TokenNotUsable,
        ErrorCodes.AddressNotAllowed => Texts.RefusalReason_Address,
        ErrorCodes.ModuleNotEnabled => Texts.RefusalReason_Module,
        ErrorCodes.TooManyRequests => Texts.RefusalReason_TooMany,
        ErrorCodes.NotFound => Texts.RefusalReason_NotFound,
        ErrorCodes.NoUpstream => Texts.RefusalReason_NoUpstream,
        ErrorCodes.UpstreamFailed => Texts.RefusalReason_UpstreamFailed,
        ErrorCodes.UpstreamTooSlow => Texts.RefusalReason_UpstreamTooSlow,
        ErrorCodes.NoHealthyUpstream => Texts.RefusalReason_NoHealthyUpstream,
        CountReason.RetiredKey => Texts.RefusalReason_RetiredKey,
        _ => Texts.RefusalReason_Other,
    };

    /// <summary>The error code in the response. A retired key gets the same code as an unknown key.</summary>
    public static string Code(string reason) => reason == CountReason.RetiredKey ? ErrorCodes.Unauthorized : reason;
}
