using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Accounts.SingleSignOn;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Accounts.Sessions.Screen;

/// <summary>Asks in a dialog who the person is: for the password, or for another sign-in at their provider.</summary>
internal sealed class ProofPrompt(
    IDialogService dialogs, ProofService proofs, ProviderConnections connections, ProviderProof providers, AuthenticationStateProvider authentication) : IProofPrompt
{
    public async Task<bool> AskAsync()
    {
        var actor = await authentication.GetActorAsync();
        var parameters = new DialogParameters<ProofDialog>
        {
            { it => it.NeedsCode, await proofs.NeedsCodeAsync(actor) },
            { it => it.Ways, await connections.FindWaysAsync(actor) },
            { it => it.Prove, (password, code) => proofs.ProveAsync(actor, password, code) },
            { it => it.Wait, cancellation => providers.WaitAsync(actor, cancellation) },
        };
        var dialog = await dialogs.ShowAsync<ProofDialog>(
            Texts.Proof_Title, parameters, new DialogOptions { BackdropClick = false, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        return await dialog.Result is { Canceled: false };
    }
}
