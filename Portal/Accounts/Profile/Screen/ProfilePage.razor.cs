using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts.SecondFactor.Screen;
using Portal.Accounts.Sessions;
using Portal.Accounts.SingleSignOn;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.Accounts.Profile.Screen;

/// <summary>The signed-in person: their name, password and sessions.</summary>
public sealed partial class ProfilePage(
    ProfileService profiles, SessionService sessions, ProviderConnections connections, Messages messages, NavigationManager navigation, AuthenticationStateProvider authentication) : ActionComponent
{
    [CascadingParameter]
    private SecondFactorNotice? Duty { get; set; }

    private Actor? _actor;
    private UserProfile? _profile;
    private IReadOnlyList<SessionEntry>? _sessions;
    private ElementReference _list;
    private SecondFactorCard? _factors;
    private string _name = "";
    private string? _fault;
    private bool _busy, _hasPassword;

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        await LoadSessionsAsync();
        _hasPassword = (await connections.FindWaysAsync(_actor)).Password;
        _profile = await profiles.ReadAsync(_actor);
        _name = _profile.Name;
    }

    private async Task LoadSessionsAsync() => _sessions = await sessions.ListAsync(_actor!);

    private async Task SaveNameAsync()
    {
        if (_busy)
            return;
        try
        {
            _busy = true;
            _fault = await profiles.ChangeNameAsync(_actor!, _name);
        }
        finally
        {
            _busy = false;
        }

        // A request renews the session cookie, which contains the name.
        if (_fault is null && _name.Trim() != _profile!.Name)
            navigation.Refresh(forceReload: true);
    }

    private async Task AfterFactorsAsync()
    {
        await LoadSessionsAsync();
        await _factors!.LoadAsync();
        RefreshDuty();
    }

    /// <summary>The notice above the page may no longer apply.</summary>
    private void RefreshDuty() => Duty?.Refresh();

    private async Task EndAsync(SessionEntry session)
    {
        await sessions.EndAsync(_actor!, session.Id);
        await AfterEndAsync(Texts.Profile_Ended);
    }

    private async Task EndOthersAsync()
    {
        await sessions.EndOthersAsync(_actor!);
        await AfterEndAsync(Texts.Profile_OthersEnded);
    }

    private async Task AfterEndAsync(string message)
    {
        await LoadSessionsAsync();
        messages.Show(message);
        // The button that had the focus is gone.
        await _list.FocusAsync();
    }
}
