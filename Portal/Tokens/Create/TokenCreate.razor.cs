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

/// <summary>The five-step wizard. Answers and rules are in <see cref="TokenDraft"/>; the browser tab keeps them.</summary>
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

    /// <summary>The draft belongs to the person as well as to the tab: another one who signs in here does not see it.</summary>
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
            await FindMadeAsync(_draft);
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
        if (!await MayLeaveKeyAsync() || await FindMadeAsync(_draft!))
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
            // The button shows that it was pressed, whatever follows.
            await Task.Yield();
            if (await FindMadeAsync(_draft))
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

    /// <summary>Finds out what became of an attempt whose answer is not known. Whatever was edited since, that token is this draft's:
    /// the summary shows it, and says which answers are not in it.</summary>
    /// <returns>Whether the attempt had created the token.</returns>
    private async Task<bool> FindMadeAsync(TokenDraft draft)
    {
        if (!draft.IsSent || draft.CreatedHandle is not null || await reader.FindCreatedAsync(_actor!, draft.CreationId) is not { } created)
            return false;
        await ShowMadeAsync(draft, created.Handle, key: null, earlier: true);
        return true;
    }

    private async Task<TokenDetails?> ShowMadeAsync(TokenDraft draft, string handle, ApiKey? key, bool earlier)
    {
        // Asked again after a failure, the same creation may come without its key.
        (draft.CreatedHandle, draft.MadeEarlier, draft.IsSent, _key) = (handle, earlier, false, key ?? _key);
        await GoToAsync(WizardStep.Summary);
        return await ReadCreatedAsync();
    }

    private async Task CreateAsync(TokenDraft draft)
    {
        var wasSent = draft.IsSent;
        // Kept before it is sent: the answer may be lost together with this page.
        draft.IsSent = true;
        await browser.WriteTabAsync(StorageKey, DraftSerializer.Write(draft));
        switch (await tokens.CreateAsync(_actor!, draft.ToNewToken(clock.GetUtcNow().UtcDateTime)))
        {
            case TokenOutcome.Done done:
                var created = await ShowMadeAsync(draft, done.Handle, done.Key, done.MadeEarlier);
                if (!wasSent && done.MadeEarlier && created is not null && created.Name != draft.Name.Trim())
                    await CreateOwnAsync(draft);
                break;
            case TokenOutcome.Invalid invalid:
                // Something changed since the step was left: the name was taken, the moment passed, a module went.
                draft.IsSent = false;
                await GoToAsync(TokenDraft.StepOf(invalid.Faults[0].Field));
                _faults = invalid.Faults;
                break;
        }
    }

    /// <summary>A tab that was duplicated, and has sent nothing itself, has the draft of the other one, which has created its token from it already.</summary>
    private Task CreateOwnAsync(TokenDraft draft)
    {
        (draft.CreationId, draft.CreatedHandle) = (Guid.CreateVersion7(), null);
        (_created, _key, _leftOut, draft.MadeEarlier) = (null, null, [], false);
        return CreateAsync(draft);
    }

    /// <summary>Reads what the summary shows. When it fails, the key can be viewed and copied all the same.</summary>
    private async Task<TokenDetails?> ReadCreatedAsync()
    {
        _created = await reader.FindAsync(_actor!, _draft!.CreatedHandle!);
        _leftOut = _created is not null && _draft.MadeEarlier ? UnsavedDraftFields.Describe(_draft, _created, catalog) : [];
        return _created;
    }

    /// <summary>The key is lost: it was in the response that didn't arrive, and is shown only once.</summary>
    private bool IsKeyLost => _draft!.MadeEarlier && _key is null && Options.Reveal == RevealPolicy.Once;

    /// <summary>Goes to the edit form with the answers that are not in the token, for the person to look over and save.</summary>
    private async Task EditLeftOutAsync()
    {
        if (UnsavedDraftFields.ToEditDraft(_draft!, _created!, catalog) is { } edits)
            await browser.WriteTabAsync(TokenEditPage.DraftKey(_actor!, _created!.Handle), edits);
        await FinishAsync($"tokens/{_created!.Handle}/edit");
    }

    /// <summary>The key that was just made is still at hand; after a reload it is asked for again.</summary>
    private async Task<RevealOutcome> RevealAsync(string purpose)
    {
        var outcome = _key is not null
            ? await tokens.HandOutAsync(_actor!, _key, purpose)
            : await tokens.RevealAsync(_actor!, _draft!.CreatedHandle!, KeySlot.Newest, purpose);
        _handedOut |= outcome is RevealOutcome.Shown;
        return outcome;
    }

    /// <summary>The key was neither viewed nor copied, and can never be again.</summary>
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
