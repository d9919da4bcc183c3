using System.Globalization;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Statistics;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Dialogs;

/// <summary>The actions in the menus of tokens.</summary>
public enum TokenAction
{
    Enable,
    Disable,
    Rotate,
    Renew,
    EndPrevious,
    Delete,
}

/// <summary>Asks for confirmation of actions that can break clients, runs them, and reports the outcome. The list and the details use it.</summary>
public sealed class TokenDialogs(
    TokenService tokens, TokenReader reader, StatisticsReader statistics, IDialogService dialogs, ISnackbar messages, BrowserScript browser,
    IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>A click outside the dialog must not lose a key that may be shown only once.</summary>
    private static readonly DialogOptions KeepsKey = new() { BackdropClick = false, CloseOnEscapeKey = false };

    /// <returns>Whether the token may have changed, so that the page must read it again.</returns>
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
        var token = await reader.FindAsync(actor, handle);
        if (token is null || token.StoredStatus == StoredStatus.Deleted)
        {
            messages.Add("This token was deleted in the meantime.", Severity.Warning);
            return true;
        }

        if (action is TokenAction.Disable or TokenAction.Delete
            && await reader.FindDescendantsAsync(actor, handle, status => CreatedTokensDialog.Concerns(action, status)) is { Tokens.Count: > 0 } created)
            return await CreatedTokensDialog.RunAsync(dialogs, actor, action, token, await UseOfAsync(actor, token), created);

        return action switch
        {
            TokenAction.Enable => Report(await tokens.EnableAsync(actor, handle), $"\"{token.Name}\" is enabled. Its keys work again."),
            TokenAction.Disable => await DisableAsync(actor, token),
            TokenAction.Delete => await DeleteAsync(actor, token),
            TokenAction.EndPrevious => await EndPreviousAsync(actor, token),
            _ => await ChangeKeyAsync(actor, token, action),
        };
    }

    private async Task<bool> DisableAsync(Actor actor, TokenDetails token)
    {
        return await ConfirmAsync(
            $"Disable {token.Name}?",
            ["Requests with its keys are refused immediately, until you enable the token again.", await UseOfAsync(actor, token)], "Disable",
            () => tokens.DisableAsync(actor, token.Handle), $"\"{token.Name}\" is disabled. Its keys are refused.");
    }

    private async Task<bool> DeleteAsync(Actor actor, TokenDetails token)
    {
        return await ConfirmAsync(
            $"Delete {token.Name}?",
            [
                "Its keys stop working immediately and permanently. You can still view the token and its statistics under Show deleted.",
                await UseOfAsync(actor, token),
            ],
            "Delete", () => tokens.DeleteAsync(actor, token.Handle), $"\"{token.Name}\" is deleted.");
    }

    private async Task<bool> EndPreviousAsync(Actor actor, TokenDetails token)
    {
        var used = token.LiveSecrets.FirstOrDefault(secret => secret.Slot == KeySlot.Previous)?.LastUsedAt;
        return await ConfirmAsync(
            $"End the previous key of {token.Name}?",
            [
                "Requests with it are refused immediately. The new key keeps working.",
                used is { } at ? $"The previous key was last used {RelativeTime.Say(clock.GetUtcNow().UtcDateTime - at)}." : "The previous key has never been used.",
            ],
            "End now", () => tokens.EndPreviousAsync(actor, token.Handle), $"The previous key of \"{token.Name}\" no longer works.");
    }

    /// <summary>Asks for confirmation and makes the change while the dialog is open. The dialog shows an error, so that the user can try again.</summary>
    private async Task<bool> ConfirmAsync(string title, IReadOnlyList<string> lines, string confirm, Func<Task<TokenOutcome>> change, string done)
    {
        TokenOutcome? outcome = null;
        var tried = false;
        var agreed = await ConfirmDialog.AskAsync(dialogs, title, lines, confirm, danger: true, act: async () =>
        {
            tried = true;
            outcome = await change();
        });
        return agreed ? Report(outcome!, done) : tried;
    }

    private async Task<bool> ChangeKeyAsync(Actor actor, TokenDetails token, TokenAction action)
    {
        var use = await UseOfAsync(actor, token);
        var asked = false;
        // What the dialog says holds for this version. An attempt whose answer was lost has made a key and with it another version:
        // asked again, the change would retire a key that programs still use.
        var seen = new VersionCondition(new HashSet<Guid> { token.Version }, new HashSet<Guid>(), OnlyIfAbsent: false);
        var dialog = await dialogs.ShowAsync<KeyChangeDialog>(action.ToString(), new DialogParameters<KeyChangeDialog>
        {
            { it => it.Action, action },
            { it => it.Token, token },
            { it => it.Use, use },
            { it => it.Presets, options.Value.ExpirationPresets },
            { it => it.Change, (expiresAt, overlap) =>
                {
                    asked = true;
                    return action == TokenAction.Rotate
                        ? tokens.RotateAsync(actor, token.Handle, expiresAt, overlap, condition: seen)
                        : tokens.RenewAsync(actor, token.Handle, expiresAt!.Value, condition: seen);
                }
            },
            { it => it.IsShownOnce, options.Value.Reveal == RevealPolicy.Once },
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
            return "It has never been used.";
        var today = await statistics.CountTodayAsync(actor, token.Handle);
        var requests = today == 1 ? "1 request" : $"{today.ToString("N0", CultureInfo.InvariantCulture)} requests";
        return $"Last used {RelativeTime.Say(clock.GetUtcNow().UtcDateTime - token.LastUse.At)}, {requests} today.";
    }

    private bool Report(TokenOutcome outcome, string done)
    {
        var (text, severity) = outcome switch
        {
            TokenOutcome.Done => (done, Severity.Normal),
            TokenOutcome.Refused refused => (refused.Message, Severity.Warning),
            _ => ("This token no longer exists.", Severity.Warning),
        };
        messages.Add(text, severity);
        return true;
    }
}
