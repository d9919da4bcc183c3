using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>The requests of the account or, for an Operator, their own.</summary>
public sealed partial class ApprovalsPage(ApprovalService approvals, AuthenticationStateProvider authentication) : ActionComponent
{
    private Actor? _actor;
    private ApprovalLists? _lists;
    private bool _denied;

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Operator);
        if (!_denied)
            _lists = await approvals.ListAsync(_actor);
    }
}
