using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Accounts.Sessions.Screen;

/// <summary>Asks for the password in a dialog.</summary>
internal sealed class ProofPrompt(IDialogService dialogs, ProofService proofs, AuthenticationStateProvider authentication) : IProofPrompt
{
    public async Task<bool> AskAsync()
    {
        var actor = await authentication.GetActorAsync();
        var dialog = await dialogs.ShowAsync<ProofDialog>(
            Texts.Proof_Title, new DialogParameters<ProofDialog> { { it => it.NeedsCode, await proofs.NeedsCodeAsync(actor) }, { it => it.Prove, (password, code) => proofs.ProveAsync(actor, password, code) } },
            new DialogOptions { BackdropClick = false, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        return await dialog.Result is { Canceled: false };
    }
}
