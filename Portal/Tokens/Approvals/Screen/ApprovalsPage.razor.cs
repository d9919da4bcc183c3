using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;
using Portal.Data;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>The requests of the account or, for an Operator, their own. The newest ones are read again and again while the page is open.</summary>
public sealed partial class ApprovalsPage(ApprovalService approvals, AuthenticationStateProvider authentication, NavigationManager navigation, TimeProvider clock)
    : ActionComponent, IDisposable
{
    internal static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private Actor? _actor;
    private ApprovalsAddress _address = new();
    private ApprovalSlice? _waiting, _decided;
    private ApprovalCard? _waitingCard, _decidedCard;
    private ITimer? _refreshing;
    private bool _denied, _isLoaded, _isReading, _focuses, _gone;
    private int _latest;

    [SupplyParameterFromQuery(Name = ApprovalsAddress.WaitingBefore)]
    private string? WaitingBefore { get; set; }

    [SupplyParameterFromQuery(Name = ApprovalsAddress.DecidedBefore)]
    private string? DecidedBefore { get; set; }

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Operator);
        if (_denied)
            return;
        var address = ApprovalsAddress.Parse(WaitingBefore, DecidedBefore);
        // The link that led here may be gone.
        _focuses = _isLoaded && address != _address;
        await ReadAsync(address);
        if (address.ShowsOlder && (_waiting ?? _decided) is { Requests.Count: 0 })
            navigation.NavigateTo(ApprovalsAddress.Path, replace: true);
        if (!_gone)
            _refreshing ??= clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, RefreshInterval, RefreshInterval);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focuses || (_address.ShowsWaiting ? _waitingCard : _decidedCard) is not { } card)
            return;
        _focuses = false;
        await card.FocusAsync();
    }

    /// <returns>Whether something else is shown now.</returns>
    private async Task<bool> ReadAsync(ApprovalsAddress address)
    {
        var asked = ++_latest;
        var waiting = address.ShowsWaiting ? await approvals.ListWaitingAsync(_actor!, address.Before) : null;
        var decided = address.ShowsDecided ? await approvals.ListDecidedAsync(_actor!, address.Before) : null;
        // The latest request wins, regardless of the order of the results.
        if (asked != _latest || _gone)
            return false;
        var isSame = _isLoaded && IsSame(waiting, _waiting) && IsSame(decided, _decided);
        (_address, _waiting, _decided, _isLoaded) = (address, waiting, decided, true);
        return !isSame;
    }

    /// <summary>The timer doesn't await it, so it reports its own errors.</summary>
    private async Task RefreshAsync()
    {
        if (_isReading || _gone || _address.ShowsOlder)
            return;
        _isReading = true;
        try
        {
            if (await ReadAsync(_address))
                StateHasChanged();
        }
        catch (SessionEndedException)
        {
            // The frame of the page says so and leads to the sign-in page.
            _refreshing?.Dispose();
        }
        catch (Exception exception)
        {
            // The page keeps its rows and tries again.
            LogFailure(exception);
        }
        finally
        {
            _isReading = false;
        }
    }

    private static bool IsSame(ApprovalSlice? first, ApprovalSlice? second) =>
        first?.Next == second?.Next && Shown(first).SequenceEqual(Shown(second));

    private static IEnumerable<(long Id, ApprovalState State)> Shown(ApprovalSlice? slice) => slice?.Requests.Select(request => (request.Id, request.State)) ?? [];
}
