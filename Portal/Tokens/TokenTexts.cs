using System.Diagnostics;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Tokens;

/// <summary>The names of statuses and sort orders in the reader's language.</summary>
public static class TokenTexts
{
    /// <summary>The name of a status.</summary>
    public static string Describe(this TokenStatus status) => status switch
    {
        TokenStatus.Active => Texts.TokenStatus_Active,
        TokenStatus.Expiring => Texts.TokenStatus_Expiring,
        TokenStatus.Revitalised => Texts.TokenStatus_Revitalised,
        TokenStatus.Expired => Texts.TokenStatus_Expired,
        TokenStatus.Pending => Texts.TokenStatus_Pending,
        TokenStatus.Inactive => Texts.TokenStatus_Inactive,
        TokenStatus.Deleted => Texts.TokenStatus_Deleted,
        _ => throw new UnreachableException(),
    };

    /// <summary>Explains what a status means for requests, and what to do.</summary>
    /// <param name="expiringWithinDays">See <see cref="TokenOptions.ExpiringWithinDays"/>.</param>
    public static string Explain(this TokenStatus status, int expiringWithinDays) => status switch
    {
        TokenStatus.Active => Texts.TokenStatus_ActiveMeaning.With(expiringWithinDays),
        TokenStatus.Expiring => Texts.TokenStatus_ExpiringMeaning.With(expiringWithinDays),
        TokenStatus.Revitalised => Texts.TokenStatus_RevitalisedMeaning,
        TokenStatus.Expired => Texts.TokenStatus_ExpiredMeaning,
        TokenStatus.Pending => Texts.TokenStatus_PendingMeaning,
        TokenStatus.Inactive => Texts.TokenStatus_InactiveMeaning,
        TokenStatus.Deleted => Texts.TokenStatus_DeletedMeaning,
        _ => throw new UnreachableException(),
    };

    /// <summary>The name of the column that the list is sorted by.</summary>
    public static string Describe(this TokenSort sort) => sort switch
    {
        TokenSort.Created => Texts.Token_Created,
        TokenSort.Name => Texts.Token_Name,
        TokenSort.Handle => Texts.Token_Handle,
        TokenSort.Extension => Texts.Token_Extension,
        TokenSort.Status => Texts.Token_Status,
        TokenSort.Permissions => Texts.Token_Permissions,
        TokenSort.Expires => Texts.Token_Expires,
        TokenSort.LastUsed => Texts.Token_LastUsed,
        _ => throw new UnreachableException(),
    };
}
