using System.Diagnostics;
using Portal.Localization;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>The sentences of a bulk action in the reader's language.</summary>
internal static class BulkTexts
{
    /// <summary>"1 token" or "42 tokens".</summary>
    public static string Tokens(int count) => TextFormat.Count(count, Texts.BulkDialog_Tokens_One, Texts.BulkDialog_Tokens_Other);

    /// <summary>"1 request a day" or "3,389 requests a day".</summary>
    public static string Requests(long count) => TextFormat.Count(count, Texts.BulkDialog_Requests_One, Texts.BulkDialog_Requests_Other);

    /// <summary>"Disable 42 tokens".</summary>
    public static string Button(TokenAction action, int count) => Of(
        action, Texts.BulkDialog_Enable, Texts.BulkDialog_Disable, Texts.BulkDialog_Renew, Texts.BulkDialog_Rotate, Texts.BulkDialog_Delete, Texts.BulkDialog_ChangeOwner,
        Texts.BulkDialog_Shorten, Texts.BulkDialog_Restore).With(Tokens(count));

    /// <summary>"Disable 42 tokens and refuse 3,389 requests a day".</summary>
    public static string RefusingButton(TokenAction action, int count, long requests) => Of(
        action, Texts.BulkDialog_Enable, Texts.BulkDialog_DisableAndRefuse, Texts.BulkDialog_Renew, Texts.BulkDialog_RotateAndRefuse, Texts.BulkDialog_DeleteAndRefuse,
        Texts.BulkDialog_ChangeOwner, Texts.BulkDialog_Shorten, Texts.BulkDialog_Restore)
        .With(Tokens(count), Requests(requests));

    public static string Question(TokenAction action, int count) => $"{Button(action, count)}?";

    public static string Running(TokenAction action, int count) => Of(
        action, Texts.BulkDialog_Enabling, Texts.BulkDialog_Disabling, Texts.BulkDialog_Renewing, Texts.BulkDialog_Rotating, Texts.BulkDialog_Deleting,
        Texts.BulkDialog_ChangingOwner, Texts.BulkDialog_Shortening, Texts.BulkDialog_Restoring).With(Tokens(count));

    /// <summary>"40 of 42 tokens disabled".</summary>
    public static string Done(TokenAction action, int done, int total) => Of(
        action, Texts.BulkDialog_Enabled, Texts.BulkDialog_Disabled, Texts.BulkDialog_Renewed, Texts.BulkDialog_Rotated, Texts.BulkDialog_Deleted,
        Texts.BulkDialog_OwnerChanged, Texts.BulkDialog_Shortened, Texts.BulkDialog_Restored).With(done, total);

    public static string Consequence(TokenAction action, bool overlaps) => Of(
        action, Texts.BulkDialog_EnableConsequence, Texts.BulkDialog_DisableConsequence, Texts.BulkDialog_RenewConsequence,
        overlaps ? Texts.BulkDialog_OverlapConsequence : Texts.BulkDialog_RotateConsequence, Texts.BulkDialog_DeleteConsequence, Texts.BulkDialog_OwnerConsequence,
        Texts.BulkDialog_ShortenConsequence, "");

    /// <summary>How long deleted tokens can be restored.</summary>
    public static string Restorable(int days) =>
        days == 0 ? Texts.BulkDialog_NotRestorable : TextFormat.Count(days, Texts.BulkDialog_Restorable_One, Texts.BulkDialog_Restorable_Other);

    public static string Describe(BulkState state) => state switch
    {
        BulkState.Done => Texts.BulkDialog_StateDone,
        BulkState.Failed => Texts.BulkDialog_StateFailed,
        BulkState.NotStarted => Texts.BulkDialog_StateNotStarted,
        BulkState.Skipped => Texts.BulkDialog_StateSkipped,
        _ => throw new UnreachableException(),
    };

    public static string Describe(BulkSkip reason) => reason switch
    {
        BulkSkip.Deleted => Texts.BulkDialog_SkipDeleted,
        BulkSkip.AlreadyEnabled => Texts.BulkDialog_SkipEnabled,
        BulkSkip.AlreadyDisabled => Texts.BulkDialog_SkipDisabled,
        BulkSkip.Pending => Texts.BulkDialog_SkipPending,
        BulkSkip.NoExpiration => Texts.BulkDialog_SkipNoExpiration,
        BulkSkip.TwoKeys => Texts.BulkDialog_SkipTwoKeys,
        BulkSkip.Expired => Texts.BulkDialog_SkipExpired,
        BulkSkip.LastsLonger => Texts.BulkDialog_SkipLastsLonger,
        BulkSkip.EndsEarlier => Texts.BulkDialog_SkipEndsEarlier,
        BulkSkip.WasPending => Texts.BulkDialog_SkipWasPending,
        _ => throw new UnreachableException(),
    };

    private static string Of(TokenAction action, string enable, string disable, string renew, string rotate, string delete, string owner, string shorten, string restore) =>
        action == TokenAction.Enable ? enable
        : action == TokenAction.Disable ? disable
        : action == TokenAction.Renew ? renew
        : action == TokenAction.Rotate ? rotate
        : action == TokenAction.Delete ? delete
        : action == TokenAction.ChangeOwner ? owner
        : action == TokenAction.Shorten ? shorten
        : action == TokenAction.Restore ? restore
        : throw new ArgumentOutOfRangeException(nameof(action), action, null);
}
