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
            Texts.Proof_Title, new DialogParameters<ProofDialog> { { it => it.Prove, password => proofs.ProveAsync(actor, password) } },
            new DialogOptions { BackdropClick = false, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        return await dialog.Result is { Canceled: false };
    }
}
