using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tokens.Details;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Create;

/// <summary>The five-step wizard. <see cref="TokenDraft"/> holds the input and validates it; the browser tab stores it.</summary>
public sealed partial class TokenCreate(
    TokenService tokens, TokenReader reader, ModuleCatalog catalog, IOptions<TokenOptions> options, BrowserScript browser, IDialogService dialogs,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent
{
    private Actor? _actor;
    private TokenDraft? _draft;
    private TokenDetails? _created;
    private ApiKey? _key;
    private IReadOnlyList<Fault> _faults = [];
    private IReadOnlyList<string> _leftOut = [];
    private bool _busy, _restored, _leaving, _handedOut;

    private ModuleCatalog Catalog => catalog;
    private TokenOptions Options => options.Value;
    private NavigationManager Navigation => navigation;

    /// <summary>The key of the draft in the browser tab. It includes the user, so that another user in this tab doesn't see the draft.</summary>
    private string StorageKey => $"token-draft:{_actor!.Id}";

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        if (!_actor.May(Role.Operator))
            return;
        var draft = DraftSerializer.Read(await browser.ReadTabAsync(StorageKey), catalog);
        _restored = draft is { HasAnswers: true };
        _draft = draft ?? TokenDraft.Start(catalog, Options.ExpirationPresets);
        if (_draft.CreatedHandle is null)
            await FindResultAsync(_draft);
        else if (await ReadCreatedAsync() is null)
            await StartOverAsync();
    }

    private static string TitleOf(WizardStep step) => step switch
    {
        WizardStep.General => Texts.TokenCreate_General,
        WizardStep.Expiration => Texts.Token_Expiration,
        WizardStep.Extension => Texts.Token_Extension,
        WizardStep.Permissions => Texts.Token_Permissions,
        _ => Texts.TokenCreate_Summary,
    };

    private string? FaultOf(TokenField field) => _faults.FirstOrDefault(fault => fault.Field == field)?.Message;

    private async Task KeepAsync()
    {
        _faults = [];
        _restored = false;
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(_draft!));
    }

    private async Task StartOverAsync()
    {
        if (!await MayLeaveKeyAsync() || await FindResultAsync(_draft!))
            return;
        await browser.WriteTabAsync(StorageKey, null);
        (_created, _key, _handedOut, _leftOut) = (null, null, false, []);
        (_draft, _restored, _faults) = (TokenDraft.Start(catalog, Options.ExpirationPresets), false, []);
    }

    private async Task BackAsync()
    {
        _draft!.Step--;
        await KeepAsync();
    }

    private async Task NextAsync()
    {
        if (_busy || _draft is null || _draft.Step == WizardStep.Summary)
            return;
        _busy = true;
        try
        {
            // Renders the pressed button first.
            await Task.Yield();
            if (await FindResultAsync(_draft))
                return;
            _faults = await CheckStepAsync(_draft);
            if (_faults.Count > 0)
                return;
            if (_draft.Step == WizardStep.Permissions)
                await CreateAsync(_draft);
            else
                await GoToAsync(_draft.Step + 1);
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task<IReadOnlyList<Fault>> CheckStepAsync(TokenDraft draft)
    {
        var faults = draft.Check(draft.Step, catalog, clock.GetUtcNow().UtcDateTime);
        if (draft.Step == WizardStep.General && faults.Count == 0 && await reader.IsNameTakenAsync(_actor!, draft.Name, exceptHandle: null))
            return [new Fault(TokenField.Name, TokenRules.NameInUse(draft.Name.Trim()))];
        return faults;
    }

    private async Task GoToAsync(WizardStep step)
    {
        _draft!.Step = step;
        await KeepAsync();
    }

    /// <summary>Checks the result of an attempt whose response was lost. Even if the draft was edited since, that token belongs to it:
    /// the summary shows the token, and lists the input that it doesn't have.</summary>
    /// <returns>Whether the attempt created the token.</returns>
    private async Task<bool> FindResultAsync(TokenDraft draft)
    {
        if (!draft.IsSent || draft.CreatedHandle is not null || await reader.FindCreatedAsync(_actor!, draft.CreationId) is not { } created)
            return false;
        await ShowResultAsync(draft, created.Handle, key: null, earlier: true);
        return true;
    }

    private async Task<TokenDetails?> ShowResultAsync(TokenDraft draft, string handle, ApiKey? key, bool earlier)
    {
        // If an attempt is repeated after a failure, the result may lack the key.
        (draft.CreatedHandle, draft.WasCreatedEarlier, draft.IsSent, _key) = (handle, earlier, false, key ?? _key);
        await GoToAsync(WizardStep.Summary);
        return await ReadCreatedAsync();
    }

    private async Task CreateAsync(TokenDraft draft)
    {
        var wasSent = draft.IsSent;
        // Stored before the request, because its response may be lost together with this page.
        draft.IsSent = true;
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(draft));
        switch (await tokens.CreateAsync(_actor!, draft.ToNewToken(clock.GetUtcNow().UtcDateTime)))
        {
            case TokenOutcome.Done done:
                var created = await ShowResultAsync(draft, done.Handle, done.Key, done.WasCreatedEarlier);
                if (!wasSent && done.WasCreatedEarlier && created is not null && created.Name != draft.Name.Trim())
                    await CreateOwnAsync(draft);
                break;
            case TokenOutcome.Invalid invalid:
                // Something changed since the step was completed: the name was taken, the time passed, or a module was removed.
                draft.IsSent = false;
                await GoToAsync(TokenDraft.StepOf(invalid.Faults[0].Field));
                _faults = invalid.Faults;
                break;
        }
    }

    /// <summary>Creates the token with a new ID. Used if this tab is a duplicate that has sent nothing itself, and the other tab has already created
    /// a token from the draft.</summary>
    private Task CreateOwnAsync(TokenDraft draft)
    {
        (draft.CreationId, draft.CreatedHandle) = (Guid.CreateVersion7(), null);
        (_created, _key, _leftOut, draft.WasCreatedEarlier) = (null, null, [], false);
        return CreateAsync(draft);
    }

    /// <summary>Reads the token for the summary. If this fails, the key can still be viewed and copied.</summary>
    private async Task<TokenDetails?> ReadCreatedAsync()
    {
        _created = await reader.FindAsync(_actor!, _draft!.CreatedHandle!);
        _leftOut = _created is not null && _draft.WasCreatedEarlier ? UnsavedDraftFields.Describe(_draft, _created, catalog) : [];
        return _created;
    }

    /// <summary>Whether the key is lost: it was in a response that didn't arrive, and is shown only once.</summary>
    private bool IsKeyLost => _draft!.WasCreatedEarlier && _key is null && Options.Reveal == RevealPolicy.Once;

    /// <summary>Opens the edit form with the input that the token doesn't have, for the user to review and save.</summary>
    private async Task EditLeftOutAsync()
    {
        if (UnsavedDraftFields.ToEditDraft(_draft!, _created!, catalog) is { } edits)
            await browser.WriteTabAsync(TokenEditPage.DraftKey(_actor!, _created!.Handle), edits);
        await FinishAsync($"tokens/{_created!.Handle}/edit");
    }

    /// <summary>Returns the new key if it is still in memory; after a reload, requests it again.</summary>
    private async Task<RevealOutcome> RevealAsync(string purpose)
    {
        var outcome = _key is not null
            ? await tokens.HandOutAsync(_actor!, _key, purpose)
            : await tokens.RevealAsync(_actor!, _draft!.CreatedHandle!, KeySlot.Newest, purpose);
        _handedOut |= outcome is RevealOutcome.Shown;
        return outcome;
    }

    /// <summary>Whether leaving would lose the key: it was neither viewed nor copied, and can't be shown again.</summary>
    private bool WouldLoseKey => _key is not null && !_handedOut && Options.Reveal == RevealPolicy.Once;

    private async Task<bool> MayLeaveKeyAsync() => !WouldLoseKey || await ConfirmDialog.AskAsync(
        dialogs, Texts.TokenCreate_LeaveKeyTitle, [Texts.TokenCreate_LeaveKey], Texts.TokenCreate_Leave, danger: true, cancel: Texts.TokenCreate_Stay);

    private string Command(string headerValue) => ExampleCommand.Curl(navigation.BaseUri, _created!, catalog, headerValue);

    private async Task FinishAsync(string address)
    {
        if (!await MayLeaveKeyAsync())
            return;
        _leaving = true;
        await browser.WriteTabAsync(StorageKey, null);
        navigation.NavigateTo(address);
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext change)
    {
        if (_leaving || _draft is not { } draft)
            return;
        if (!await MayLeaveKeyAsync())
        {
            change.PreventNavigation();
            return;
        }

        if (draft.HasAnswers)
        {
            var leave = await ConfirmDialog.AskAsync(
                dialogs, Texts.TokenCreate_LeaveTitle, [draft.IsSent ? Texts.TokenCreate_LeaveUnknown : Texts.TokenCreate_LeaveUncreated],
                Texts.TokenCreate_Leave, cancel: Texts.TokenCreate_Stay);
            if (!leave)
            {
                change.PreventNavigation();
                return;
            }
        }

        await browser.WriteTabAsync(StorageKey, null);
    }
}
