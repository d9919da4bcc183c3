using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Statistics;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Dialogs;

/// <summary>Asks for confirmation of actions that can break clients, runs them, and reports the outcome. The list and the details use it.</summary>
public sealed class TokenDialogs(
    TokenService tokens, TokenReader reader, PolicyService policies, StatisticsReader statistics, IDialogService dialogs, Messages messages, BrowserScript browser,
    NavigationManager navigation, ModuleCatalog catalog, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>A click outside the dialog must not lose a key that may be shown only once.</summary>
    private static readonly DialogOptions KeepsKey = new() { BackdropClick = false, CloseOnEscapeKey = false };

    /// <summary>Raised with the handle after an action was undone, so that a page that shows the token reads it again.</summary>
    public event Action<string>? Undone;

    /// <returns>Whether the token may have changed, so that the page must reload it.</returns>
    public async Task<bool> RunAsync(Actor actor, TokenAction action, string handle)
    {
        try
        {
            return await ActAsync(actor, action, handle);
        }
        finally
        {
            await browser.FocusBackAsync();
        }
    }

    private async Task<bool> ActAsync(Actor actor, TokenAction action, string handle)
    {
        messages.ClearDone();
        var token = await reader.FindAsync(actor, handle);
        if (action == TokenAction.Restore && token is { StoredStatus: StoredStatus.Deleted })
            return await RestoreAsync(actor, token);
        if (token is null || token.StoredStatus == StoredStatus.Deleted)
        {
            messages.Show(Texts.TokenDialogs_DeletedMeanwhile, Severity.Warning);
            return true;
        }

        if (action.Question?.Descendants is { } offer
            && await reader.FindDescendantsAsync(actor, handle, offer.Concerns) is { Tokens.Count: > 0 } created)
            return await CreatedTokensDialog.RunAsync(
                dialogs, actor, action, token, string.Join(' ', [await UseOfAsync(actor, token), .. AboutDeletion(action, token)]), created, done => ReportDone(actor, action, token, done), TypedFor(action, token));
        if (action.MakesKey)
            return await ChangeKeyAsync(actor, token, action);
        return action.Question is { } question
            ? await ConfirmAsync(actor, token, action, question)
            : await ReportAsync(actor, await RunActionAsync(actor, token, action), action, token);
    }

    private Task<TokenOutcome> RunActionAsync(Actor actor, TokenDetails token, TokenAction action) =>
        action.Run(tokens, actor, token.Handle, new TokenActionArguments(), CancellationToken.None);

    /// <summary>Asks for confirmation, and makes the change while the dialog is open, so that it can show an error and allow a retry.</summary>
    private async Task<bool> ConfirmAsync(Actor actor, TokenDetails token, TokenAction action, TokenActionQuestion question)
    {
        TokenOutcome? outcome = null;
        var tried = false;
        var refusals = await RefusalsAsync(actor, token);
        string[] lines = question.IsAboutPreviousKey
            ? [question.Consequence, UseOfPrevious(token)]
            : [action == TokenAction.Disable && token.LiveSecrets.Count == 0 ? Texts.TokenDialogs_NoKey : question.Consequence, await UseOfAsync(actor, token), .. refusals, .. AboutDeletion(action, token)];
        var breaks = question.IsAboutPreviousKey ? IsRecent(PreviousOf(token)?.LastUsedAt) && !token.IsPreviousSafeToEnd : refusals.Length > 0;
        var agreed = await ConfirmDialog.AskAsync(
            dialogs, question.Title.With(token.Name), lines, question.Button, danger: breaks || action.IsFinal, isFinal: action.IsFinal, typed: TypedFor(action, token), act: async () =>
            {
                tried = true;
                outcome = await RunActionAsync(actor, token, action);
            });
        return agreed ? await ReportAsync(actor, outcome!, action, token) : tried;
    }

    private async Task<bool> RestoreAsync(Actor actor, TokenDetails token)
    {
        var outcome = await RestoreDialog.AskAsync(
            dialogs, token, options.Value.DeletedRetentionDays, await reader.IsNameTakenAsync(actor, token.Name, token.Handle),
            wanted => TokenAction.Restore.Run(
                tokens, actor, token.Handle, new TokenActionArguments { Restoration = wanted, Condition = VersionCondition.Only(token.Version) }, CancellationToken.None));
        return outcome is not null && await ReportAsync(actor, outcome, TokenAction.Restore, token);
    }

    /// <summary>From where the token was used, and how long it can be restored.</summary>
    private string[] AboutDeletion(TokenAction action, TokenDetails token) => action != TokenAction.Delete ? []
        :
        [
            .. token.LastUse?.Address is { } address ? [Texts.TokenDialogs_UsedFrom.With(address)] : Array.Empty<string>(),
            options.Value.DeletedRetentionDays == 0 ? Texts.TokenDialogs_NotRestorable : TextFormat.Count(options.Value.DeletedRetentionDays, Texts.TokenDialogs_Restorable_One, Texts.TokenDialogs_Restorable_Other),
        ];

    /// <summary>The name to type before a token is deleted that was used within the last day; null: none.</summary>
    private string? TypedFor(TokenAction action, TokenDetails token) =>
        action == TokenAction.Delete && token.LastUse?.At > clock.GetUtcNow().UtcDateTime.AddDays(-1) ? token.Name : null;

    private async Task<bool> ChangeKeyAsync(Actor actor, TokenDetails token, TokenAction action)
    {
        var use = await UseOfAsync(actor, token);
        var asked = false;
        // The dialog describes this version. An attempt whose response was lost has created a key and therefore a new version: repeated,
        // the change would retire a key that clients still use.
        var seen = VersionCondition.Only(token.Version);
        var dialog = await dialogs.ShowAsync<KeyChangeDialog>(action.Label, new DialogParameters<KeyChangeDialog>
        {
            { it => it.Action, action },
            { it => it.Token, token },
            { it => it.Use, use },
            { it => it.PreviousUse, action == TokenAction.Rotate && PreviousOf(token) is not null ? UseOfPrevious(token) : null },
            { it => it.IsPreviousInUse, IsRecent(PreviousOf(token)?.LastUsedAt) },
            { it => it.IsInUse, IsRecent(token.LastUse?.At) },
            { it => it.RequestsPerDay, await statistics.CountPerDayAsync(actor, token.Handle) },
            { it => it.Policy, (await policies.ReadAsync(actor)).Of(token.Extension.Id) },
            { it => it.Presets, options.Value.ExpirationPresets },
            { it => it.CanNeedApproval, ApprovalRules.ApplyTo(actor) },
            { it => it.Change, (expiresAt, overlap, reason, ask) =>
                {
                    asked = true;
                    return action.Run(
                        tokens, actor, token.Handle, new TokenActionArguments { ExpiresAt = expiresAt, Overlap = overlap, PerpetualReason = reason, Condition = seen, Ask = ask }, CancellationToken.None);
                }
            },
            { it => it.IsShownOnce, options.Value.Reveal == RevealPolicy.Once },
            { it => it.Command, value => ExampleCommand.Curl(navigation.BaseUri, token, catalog, value) },
            { it => it.HandOut, (key, purpose) => tokens.HandOutAsync(actor, key, purpose) },
        }, KeepsKey);
        await dialog.Result;
        // The key may have changed, regardless of how the dialog was closed.
        return asked;
    }

    /// <summary>Describes the current use of the token, for the confirmation: "Last used 4 minutes ago, 12,041 requests today."</summary>
    private async Task<string> UseOfAsync(Actor actor, TokenDetails token)
    {
        if (token.LastUse is null)
            return Texts.TokenDialogs_NeverUsed;
        var today = await statistics.CountTodayAsync(actor, token.Handle);
        return (today == 1 ? Texts.TokenDialogs_Use_One : Texts.TokenDialogs_Use_Other).With(RelativeTime.Say(clock.GetUtcNow().UtcDateTime - token.LastUse.At), today);
    }

    /// <summary>Says how many requests the change refuses, if programs use the token now: "Portal then refuses about 2,350 requests a day."</summary>
    private async Task<string[]> RefusalsAsync(Actor actor, TokenDetails token)
    {
        if (token.StoredStatus != StoredStatus.Active || token.LiveSecrets.Count == 0)
            return [];
        var perDay = await statistics.CountPerDayAsync(actor, token.Handle);
        return perDay == 0 ? [] : [TextFormat.Count(perDay, Texts.TokenDialogs_Refuses_One, Texts.TokenDialogs_Refuses_Other)];
    }

    private static LiveSecret? PreviousOf(TokenDetails token) => token.LiveSecrets.FirstOrDefault(secret => secret.Slot == KeySlot.Previous);

    private bool IsRecent(DateTime? use) => use > clock.GetUtcNow().UtcDateTime.AddDays(-StatisticsReader.DaysOfUse);

    private string UseOfPrevious(TokenDetails token) =>
        PreviousOf(token)?.LastUsedAt is { } at
            ? Texts.TokenDialogs_PreviousUsed.With(RelativeTime.Say(clock.GetUtcNow().UtcDateTime - at))
            : Texts.TokenDialogs_PreviousNeverUsed;

    private async Task<bool> ReportAsync(Actor actor, TokenOutcome outcome, TokenAction action, TokenDetails token)
    {
        if (outcome is not TokenOutcome.Done done)
            messages.Show(outcome is TokenOutcome.Refused refused ? refused.Message : Texts.TokenDialogs_Gone, Severity.Warning);
        else if (action == TokenAction.Enable && await reader.FindDescendantsAsync(actor, token.Handle, status => status == StoredStatus.Inactive) is { Tokens.Count: > 0 and var count })
            messages.Show($"{action.DoneMessage.With(token.Name)} {TextFormat.Count(count, Texts.TokenDialogs_StayDisabled_One, Texts.TokenDialogs_StayDisabled_Other)}");
        else
            ReportDone(actor, action, token, done);
        return true;
    }

    /// <summary>Reports success and, if the action can be undone, offers this.</summary>
    private void ReportDone(Actor actor, TokenAction action, TokenDetails token, TokenOutcome.Done done)
    {
        var text = action.DoneMessage.With(token.Name);
        if (action.Undo is { } undo && done is { Version: { } version, IsUnchanged: false })
            messages.ShowUndoable(text, () => UndoAsync(actor, undo, token, version, done.Former));
        else
            messages.Show(text);
    }

    /// <param name="version">The version that the action left. A later one isn't overwritten.</param>
    /// <param name="former">The state before a deletion; null: the action wasn't one.</param>
    private async Task<UndoResult> UndoAsync(Actor actor, TokenAction undo, TokenDetails token, Guid version, FormerToken? former)
    {
        var arguments = new TokenActionArguments { Condition = VersionCondition.Only(version), Former = former };
        var outcome = await undo.Run(tokens, actor, token.Handle, arguments, CancellationToken.None);
        Undone?.Invoke(token.Handle);
        return outcome switch
        {
            TokenOutcome.Done => new UndoResult(true, undo.DoneMessage.With(token.Name)),
            TokenOutcome.PreconditionFailed => new UndoResult(false, Texts.TokenDialogs_ChangedSince.With(token.Name)),
            TokenOutcome.Refused refused => new UndoResult(false, refused.Message),
            _ => new UndoResult(false, Texts.TokenDialogs_Gone),
        };
    }
}
