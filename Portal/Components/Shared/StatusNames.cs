using Portal.Localization;
using Portal.Tokens;

namespace Portal.Components.Shared;

/// <summary>The statuses of tokens as people read them.</summary>
internal static class StatusNames
{
    public static string NameOf(TokenStatus status) => status switch
    {
        TokenStatus.Active => Texts.StatusChip_Active,
        TokenStatus.Expiring => Texts.StatusChip_Expiring,
        TokenStatus.Revitalised => Texts.StatusChip_Revitalised,
        TokenStatus.Expired => Texts.StatusChip_Expired,
        TokenStatus.Pending => Texts.StatusChip_Pending,
        TokenStatus.Inactive => Texts.StatusChip_Inactive,
        _ => Texts.StatusChip_Deleted,
    };
}
