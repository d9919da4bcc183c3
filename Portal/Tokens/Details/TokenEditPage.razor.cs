using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Accounts;
using Portal.Audit;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;

namespace Portal.Tokens.Details;

/// <summary>Changes a token's name, external ID, description, permissions and rate limit; never its keys.</summary>
public sealed partial class TokenEditPage(
    TokenReader reader, TokenService tokens, ModuleCatalog catalog, IDialogService dialogs, ISnackbar messages,
    NavigationManager navigation, AuthenticationStateProvider authentication, IOptions<TokenOptions> options, ILogger<TokenEditPage> logger) : ComponentBase
{
    private Actor? _actor;
    private TokenDetails? _token, _conflict;
    private TokenEditForm? _form;
    private List<EditConflict> _conflicts = [];
    private IReadOnlyList<Fault> _faults = [];
    private string? _refusal, _failure;
    private bool _busy, _saved, _bothChanged;

    [Parameter]
    public string Handle { get; set; } = "";

    private ModuleCatalog Catalog => catalog;

    private string DefaultLimit => options.Value.DefaultRateLimit?.Describe() ?? "no limit";

    private bool PermissionsAreEditable => tokens.PermissionsAreEditable(_token!.Extension.Id);

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _token = await reader.FindAsync(_actor, Handle);
        _refusal = _token is null ? "There is no token with this handle in your account."
            : _token.StoredStatus == StoredStatus.Deleted ? "It was deleted; the record can only be read."
            : !_actor.May(Role.Operator) ? "Editing tokens needs the role Operator. Ask an administrator of your account for it."
            : null;
        if (_refusal is null)
            _form = new TokenEditForm(_token!, catalog);
    }

    private string? FaultOf(TokenField field) => _faults.FirstOrDefault(fault => fault.Field == field)?.Message;

    private async Task SaveAsync()
    {
        if (_busy || _form is null)
            return;
        TokenOutcome outcome;
        try
        {
            (_busy, _failure) = (true, null);
            outcome = await tokens.EditAsync(_actor!, Handle, _form.ToEdit(), _form.Version);
        }
        catch (Exception exception)
        {
            // The form stays, with all that was typed.
            LogFailed(exception, Handle);
            _failure = FaultWords.For(exception, "What you typed is still here; try again.");
            return;
        }
        finally
        {
            _busy = false;
        }

        _faults = [];
        switch (outcome)
        {
            case TokenOutcome.Done:
                _saved = true;
                messages.Add("Saved.", Severity.Normal);
                navigation.NavigateTo($"tokens/{Handle}");
                break;
            case TokenOutcome.Invalid invalid:
                _faults = invalid.Faults;
                break;
            case TokenOutcome.Conflict conflict:
                (_conflict, _conflicts) = (conflict.Current, [.. _form.Rebase(conflict.Current)]);
                _bothChanged = _conflicts.Count > 0;
                break;
            case TokenOutcome.Refused refused:
                _refusal = refused.Message;
                break;
            default:
                _refusal = "It is not there any more.";
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
        if (_saved || _refusal is not null || _form is null || _form.Changes().Count == 0)
            return;
        if (!await ConfirmDialog.AskAsync(dialogs, "Discard your changes?", ["They are not saved yet."], "Discard", cancel: "Keep editing"))
            change.PreventNavigation();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Saving {Handle} failed")]
    private partial void LogFailed(Exception exception, string handle);
}
