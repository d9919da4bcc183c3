using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SingleSignOn;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Accounts.Sessions.Screen;

/// <summary>Asks in a dialog who the person is: for the password, a passkey, or another sign-in at their provider.</summary>
internal sealed class ProofPrompt(
    IDialogService dialogs, ProofService proofs, ProviderConnections connections, ProviderProof providers, BrowserScript browser, NavigationManager navigation,
    AuthenticationStateProvider authentication) : IProofPrompt
{
    public async Task<bool> AskAsync()
    {
        var actor = await authentication.GetActorAsync();
        var site = new PasskeySite(new Uri(navigation.BaseUri));
        var parameters = new DialogParameters<ProofDialog>
        {
            { it => it.NeedsCode, await proofs.NeedsCodeAsync(actor) },
            { it => it.Ways, await connections.FindWaysAsync(actor) },
            { it => it.Prove, (password, code) => proofs.ProveAsync(actor, password, code) },
            { it => it.Wait, cancellation => providers.WaitAsync(actor, cancellation) },
        };
        if (await proofs.OffersPasskeyAsync(actor, site))
            parameters.Add(it => it.ProveByPasskey, () => ProveByPasskeyAsync(actor, site));
        var dialog = await dialogs.ShowAsync<ProofDialog>(
            Texts.Proof_Title, parameters, new DialogOptions { BackdropClick = false, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        return await dialog.Result is { Canceled: false };
    }

    /// <returns>Null: the person canceled.</returns>
    private async Task<ProofResult?> ProveByPasskeyAsync(Actor actor, PasskeySite site)
    {
        var request = await proofs.BeginPasskeyAsync(actor, site);
        var reply = await browser.UsePasskeyAsync(request.Options);
        return reply switch
        {
            { Credential: { } credential } => await proofs.ProveByPasskeyAsync(actor, new PasskeyAnswer(request.Challenge, credential, site)),
            { Fault: PasskeyReply.Cancelled } => null,
            _ => new ProofResult(ProofOutcome.NoPasskey),
        };
    }
}
