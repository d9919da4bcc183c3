using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>Counts when the page opens, after each navigation, and once a minute.</summary>
public sealed partial class ApprovalsLink(ApprovalService approvals, AuthenticationStateProvider authentication, NavigationManager navigation, TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private Actor? _actor;
    private ITimer? _refreshing;
    private int _waiting;
    private bool _gone;

    public void Dispose()
    {
        _gone = true;
        navigation.LocationChanged -= RefreshAfterNavigation;
        _refreshing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = PortalClaims.ActorOf((await authentication.GetAuthenticationStateAsync()).User);
        if (_actor?.May(Role.Administrator) is not true)
            return;
        await LoadAsync();
        if (_gone)
            return;
        navigation.LocationChanged += RefreshAfterNavigation;
        _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    private void RefreshAfterNavigation(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(RefreshAsync);

    private async Task RefreshAsync()
    {
        await LoadAsync();
        if (!_gone)
            StateHasChanged();
    }

    private async Task LoadAsync()
    {
        if (_gone)
            return;
        try
        {
            _waiting = await approvals.CountWaitingAsync(_actor!);
        }
        catch (Exception exception)
        {
            // The page itself reports what it can't read. The link keeps its number.
            LogFailure(exception);
        }
    }
}
