using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Policies;
using Portal.Statistics;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>The selected tokens as they are now.</summary>
/// <param name="Total">The number of tokens that the selection finds.</param>
/// <param name="Items">Empty if there are more than <see cref="BulkSelection.Most"/>.</param>
/// <param name="Missing">The number of selected handles without a token.</param>
public sealed record BulkList(int Total, IReadOnlyList<BulkItem> Items, int Missing)
{
    public bool AreTooMany => Total > BulkSelection.Most;
}

/// <summary>Applies an action to many tokens in a dialog.</summary>
public sealed class BulkDialogs(
    TokenReader reader, OwnerReader owners, TokenUseReader uses, IDialogService dialogs, BrowserScript browser, IOptions<TokenOptions> options)
{
    /// <summary>A click outside the dialog must not lose new keys or the view of a run.</summary>
    private static readonly DialogOptions Stays = new() { BackdropClick = false, CloseOnEscapeKey = false };

    /// <summary>Shows the tokens and what the action does to them, runs it, and shows a result for each.</summary>
    /// <param name="action">Enable, Disable, Renew, Shorten, Rotate, Delete or Change owner.</param>
    /// <param name="policy">The policy for the expiration that someone selects; null: none that applies to all of them. The service checks that of each token.</param>
    /// <returns>Whether a token may have changed, so that the page must reload.</returns>
    public async Task<bool> RunAsync(Actor actor, TokenAction action, BulkSelection selection, EffectivePolicy? policy = null)
    {
        var changed = false;
        try
        {
            var list = await LoadAsync(actor, action, selection);
            var dialog = await dialogs.ShowAsync<BulkDialog>(action.Label, new DialogParameters<BulkDialog>
            {
                { it => it.Actor, actor }, { it => it.Action, action }, { it => it.Selected, selection.Count }, { it => it.List, list },
                { it => it.Load, (again, handles) => LoadAsync(actor, again, BulkSelection.Of(handles)) },
                { it => it.Owners, action == TokenAction.ChangeOwner ? await owners.ListAsync(actor) : [] },
                { it => it.Options, options.Value }, { it => it.Policy, policy ?? EffectivePolicy.None }, { it => it.Changed, () => changed = true },
            }, Stays);
            await dialog.Result;
        }
        finally
        {
            await browser.FocusBackAsync();
        }

        return changed;
    }

    private async Task<BulkList> LoadAsync(Actor actor, TokenAction action, BulkSelection selection)
    {
        var found = await reader.ReadBulkAsync(actor, action, selection);
        var use = await uses.ReadAsync(actor, [.. found.Tokens.Where(token => token.LastUsedAt is not null).Select(token => token.Handle)]);
        var missing = selection.Handles is { } handles && !found.AreTooMany ? handles.Count - found.Total : 0;
        return new BulkList(found.Total, [.. found.Tokens.Select(token => new BulkItem(token, use.GetValueOrDefault(token.Handle)))], missing);
    }
}
