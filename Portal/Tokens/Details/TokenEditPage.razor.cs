using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Approvals;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>Edits the properties of a token, but not its keys.</summary>
public sealed partial class TokenEditPage(
    TokenReader reader, OwnerReader owners, TokenService tokens, PolicyService policies, ModuleCatalog catalog, BrowserScript browser, IDialogService dialogs, Messages messages,
    NavigationManager navigation, AuthenticationStateProvider authentication, IOptions<TokenOptions> options, TimeProvider clock) : ActionComponent
{
    private Actor? _actor;
    private TokenDetails? _token, _conflict;
    private TokenEditForm? _form;
    private List<EditConflict> _conflicts = [];
    private IReadOnlyList<Fault> _faults = [];
    private string? _loaded, _refusal, _restored, _kept;
    private EffectivePolicy _policy = EffectivePolicy.None;
    private string _note = "";
    private bool _busy, _saved, _bothChanged;

    [Parameter]
    public string Handle { get; set; } = "";

    private ModuleCatalog Catalog => catalog;

    /// <summary>The key of the draft in the browser tab. It includes the user, so that another user in this tab doesn't see the draft.</summary>
    private string StorageKey => DraftKey(_actor!, Handle);

    /// <summary>The key under which the browser tab stores a user's unsaved changes to a token.</summary>
    internal static string DraftKey(Actor actor, string handle) => $"token-edit:{actor.Id}:{handle}";

    private string DefaultLimit => options.Value.DefaultRateLimit?.Describe() ?? Texts.TokenEdit_NoLimit;

    /// <summary>The rules that require approval of the selected modules.</summary>
    private ApprovalNeed Need => ApprovalRules.ApplyTo(_actor!) && PermissionsAreEditable && (_conflict ?? _token)!.Choice is var present
        ? ApprovalRules.OfModules(_policy, catalog, present.AllModules, present.ModuleIds, _form!.Modules.ToChoice())
        : ApprovalNeed.None;

    private bool PermissionsAreEditable => tokens.PermissionsAreEditable(_token!.Extension.Id);

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded == Handle)
            return;
        // The page now shows another token: input for the previous one must not be saved to it.
        var handle = _loaded = Handle;
        (_token, _form, _refusal, _restored, _kept, _conflict, _conflicts, _faults, _saved, _bothChanged, _note) = (null, null, null, null, null, null, [], [], false, false, "");
        _actor = await authentication.GetActorAsync();
        var token = await reader.FindAsync(_actor, handle);
        if (handle != _loaded)
            return;
        _token = token;
        _refusal = _token is null ? Texts.TokenEdit_Missing
            : _token.StoredStatus == StoredStatus.Deleted ? Texts.TokenEdit_Deleted
            : !_actor.May(Role.Operator) ? Texts.TokenEdit_NeedsOperator
            : null;
        if (_refusal is not null)
            return;
        await ReadPolicyAsync();
        await StartAsync(_token!);
    }

    private async Task ReadPolicyAsync() => _policy = (await policies.ReadAsync(_actor!)).Of(_token!.Extension.Id);

    /// <summary>Restores the input from before a reload or a restart of the server, on top of the saved values.</summary>
    private async Task StartAsync(TokenDetails token)
    {
        _form = new TokenEditForm(token, catalog) { Owners = await owners.ListAsync(_actor!) };
        _kept = await browser.ReadTabAsync(StorageKey);
        if (EditDraftSerializer.Restore(_kept, _form, catalog) is not { } draft || _form.Changes().Count == 0)
            return;
        _restored = Texts.TokenEdit_Restored;
        if (draft.Version == token.Version)
            return;
        (_conflict, _conflicts) = (token, [.. _form.Resume(draft.Version, draft.Seen)]);
        _bothChanged = _conflicts.Count > 0;
    }

    private void StartOver()
    {
        (_token, _restored, _conflict, _conflicts, _bothChanged) = (_conflict ?? _token, null, null, [], false);
        _form = new TokenEditForm(_token!, catalog) { Owners = _form!.Owners };
    }

    /// <summary>Stores the input in the browser tab, so that a reload or a restart of the server doesn't lose it.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_form is null || _token is null || _saved)
            return;
        var text = EditDraftSerializer.Write(_form, _conflict ?? _token);
        if (text == _kept)
            return;
        _kept = text;
        await browser.WriteTabAsync(StorageKey, text);
    }

    private async Task ForgetAsync()
    {
        _saved = true;
        await browser.WriteTabAsync(StorageKey, null);
    }

    /// <summary>A reload restores them, but closing the tab loses them.</summary>
    private bool HasUnsavedChanges => !_saved && _refusal is null && _form is not null && _form.Changes().Count > 0;

    private string? FaultOf(TokenField field) => _faults.FirstOrDefault(fault => fault.Field == field)?.Message;

    private async Task SaveAsync()
    {
        if (_busy || _form is null)
            return;
        if (_form.CheckStart(clock.GetUtcNow().UtcDateTime) is { } start)
        {
            _faults = [new Fault(TokenField.Start, start)];
            return;
        }

        TokenOutcome outcome;
        try
        {
            _busy = true;
            var ask = Need.IsNone ? null : new ApprovalAsk(_note);
            // Renders the pressed button first.
            await Task.Yield();
            outcome = await tokens.EditAsync(_actor!, Handle, _form.ToEdit() with { Ask = ask }, _form.Version);
        }
        finally
        {
            _busy = false;
        }

        _faults = [];
        switch (outcome)
        {
            case TokenOutcome.Done done:
                await ForgetAsync();
                messages.Show(done.IsUnchanged ? Texts.TokenEdit_Unchanged : Texts.TokenEdit_Saved);
                navigation.NavigateTo($"tokens/{Handle}");
                break;
            case TokenOutcome.Requested requested:
                await ForgetAsync();
                messages.Show((requested.IsEarlier ? Texts.Approval_RequestedEarlier : Texts.Approval_RequestedMessage).With(_token!.Name));
                navigation.NavigateTo($"approvals/{requested.RequestId}");
                break;
            case TokenOutcome.NeedsApproval:
                // The policy has changed since the page was opened. The button now says so.
                await ReadPolicyAsync();
                break;
            case TokenOutcome.Invalid invalid:
                _faults = invalid.Faults;
                break;
            case TokenOutcome.Conflict conflict:
                (_conflict, _conflicts) = (conflict.Current, [.. _form.Rebase(conflict.Current)]);
                _bothChanged = _conflicts.Count > 0;
                break;
            case TokenOutcome.Refused refused when !Need.IsNone:
                Area!.Show(refused.Message);
                break;
            case TokenOutcome.Refused refused:
                _refusal = refused.Message;
                break;
            case TokenOutcome.Forbidden forbidden:
                Area!.Show(forbidden.Message);
                break;
            default:
                _refusal = Texts.TokenEdit_Gone;
                break;
        }
    }

    private void TakeTheirs(EditConflict conflict)
    {
        _form!.TakeSaved(conflict.Field);
        _conflicts.Remove(conflict);
    }

    private async Task AskBeforeLeavingAsync(LocationChangingContext change)
    {
        if (!HasUnsavedChanges)
            return;
        if (!await ConfirmDialog.AskAsync(dialogs, Texts.TokenEdit_DiscardTitle, [Texts.TokenEdit_Unsaved], Texts.TokenEdit_Discard, danger: true, cancel: Texts.TokenEdit_KeepEditing))
            change.PreventNavigation();
        else
            await ForgetAsync();
    }
}
