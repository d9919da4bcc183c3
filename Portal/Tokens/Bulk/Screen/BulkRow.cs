using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Tokens.Bulk.Screen;

public enum BulkState
{
    Failed,

    /// <summary>The run ended before it.</summary>
    NotStarted,
    Done,
    Skipped,
}

/// <summary>The result for one token on the page and in files, without its key.</summary>
/// <param name="PreviousEndsAt">When the key that was replaced stops working, UTC; null: no key was replaced.</param>
/// <param name="Version">The version of the token after the change; null: it wasn't changed.</param>
/// <param name="Message">The reason, and what to do; empty if it is done.</param>
public sealed record BulkRow(BulkToken Token, BulkState State, string Message = "", DateTime? PreviousEndsAt = null, Guid? Version = null)
{
    /// <summary>The state before a deletion, with which it can be undone; null: the token wasn't deleted.</summary>
    internal FormerToken? Former { get; init; }

    /// <param name="isUndo">Whether the action undoes another one.</param>
    public static BulkRow Of(BulkResult result, bool isUndo = false) => result.Outcome switch
    {
        TokenOutcome.Done done => new BulkRow(result.Token, BulkState.Done, "", done.PreviousEndsAt, done.Version) { Former = done.Former },
        TokenOutcome.PreconditionFailed => new BulkRow(result.Token, BulkState.Failed, isUndo ? Texts.BulkDialog_ChangedBeforeUndo : Texts.BulkDialog_Changed),
        TokenOutcome.Refused refused => new BulkRow(result.Token, BulkState.Failed, refused.Message),
        TokenOutcome.NeedsApproval needed => new BulkRow(result.Token, BulkState.Failed, needed.Message),
        TokenOutcome.Invalid invalid => new BulkRow(result.Token, BulkState.Failed, invalid.Faults[0].Message),
        null => new BulkRow(result.Token, BulkState.Failed, ErrorMessages.For(result.Failure!, Texts.CreatedTokensDialog_AfterFailure)),
        _ => new BulkRow(result.Token, BulkState.Failed, Texts.TokenDialogs_Gone),
    };

    /// <summary>A token that the action left out.</summary>
    public static BulkRow Of(BulkToken token, BulkSkip reason) => new(token, BulkState.Skipped, BulkTexts.Describe(reason));
}
