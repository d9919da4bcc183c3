using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>A request with the present and the requested values. Links in mails lead here; nothing changes until someone decides.</summary>
public sealed partial class ApprovalPage(
    ApprovalService approvals, TokenReader reader, OwnerReader owners, ModuleCatalog catalog, IOptions<TokenOptions> options, Messages messages,
    AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent
{
    private Actor? _actor;
    private ApprovalEntry? _request;
    private IReadOnlyList<ApprovalRow> _rows = [];
    private string _comment = "";
    private string? _fault, _note;
    private bool _denied, _missing, _goneToken, _busy;
    private Guid? _seen;
    private long? _loaded;

    [Parameter]
    public long Id { get; set; }

    private ModuleCatalog Catalog => catalog;

    private string Title => _request is null ? Texts.Approvals_Title : $"{ApprovalTexts.ChangeOf(_request.Kind)}: {_request.TokenName}";

    private bool IsOwn => _request!.RequestedById == _actor!.Id;

    private bool ShowsPresent => _rows.Any(row => row.Present is not null);

    /// <summary>What the requester does after the approval.</summary>
    private string Next => _request!.Kind == Audit.AuditAction.TokenUpdated ? Texts.Approval_Applied
        : options.Value.Reveal == RevealPolicy.Once ? Texts.Approval_RotateForKey
        : Texts.Approval_ViewKey;

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded == Id)
            return;
        _loaded = Id;
        (_request, _rows, _comment, _fault, _note, _missing) = (null, [], "", null, null, false);
        _actor ??= await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Operator);
        if (!_denied)
            await ShowAsync(await approvals.FindAsync(_actor, Id));
    }

    private async Task ShowAsync(ApprovalEntry? request)
    {
        var present = request is { IsWaiting: true, TokenHandle: { } handle } ? await reader.FindAsync(_actor!, handle) : null;
        _seen = present?.Version;
        _goneToken = request is { IsWaiting: true, TokenHandle: not null } && present is null or { StoredStatus: StoredStatus.Deleted };
        _rows = request is null ? [] : new ApprovalComparison(request, present, await owners.ListAsync(_actor!), catalog, clock.GetUtcNow().UtcDateTime).Rows();
        (_request, _missing) = (request, request is null);
    }

    private Task ApproveAsync() => DecideAsync(() => approvals.ApproveAsync(_actor!, Id, _comment, _seen), Texts.Approval_ApprovedMessage);

    private Task DeclineAsync() => DecideAsync(() => approvals.DeclineAsync(_actor!, Id, _comment), Texts.Approval_DeclinedMessage);

    private Task WithdrawAsync() => DecideAsync(() => approvals.WithdrawAsync(_actor!, Id), Texts.Approval_WithdrawnMessage);

    private async Task DecideAsync(Func<Task<ApprovalOutcome>> decide, string done)
    {
        if (_busy)
            return;
        (_fault, _note) = (ApprovalRules.CheckNote(_comment, Texts.Approval_Comment), null);
        if (_fault is not null)
            return;
        try
        {
            _busy = true;
            // Renders the pressed button first.
            await Task.Yield();
            switch (await decide())
            {
                case ApprovalOutcome.Done outcome:
                    messages.Show(done.With(outcome.Request.TokenName), Severity.Success);
                    await ShowAsync(outcome.Request);
                    break;
                case ApprovalOutcome.Settled outcome:
                    _note = Texts.Approval_Settled;
                    await ShowAsync(outcome.Request);
                    break;
                case ApprovalOutcome.Changed outcome:
                    _note = Texts.Approval_TokenChanged;
                    await ShowAsync(outcome.Request);
                    break;
                case ApprovalOutcome.Refused refused:
                    Area!.Show(refused.Message);
                    break;
                default:
                    await ShowAsync(null);
                    break;
            }
        }
        finally
        {
            _busy = false;
        }
    }
}
