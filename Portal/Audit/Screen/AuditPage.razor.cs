using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;

namespace Portal.Audit.Screen;

/// <summary>The audit log, for administrators. The URL holds the filter and the place.</summary>
public sealed partial class AuditPage(AuditReader reader, NavigationManager navigation, AuthenticationStateProvider authentication) : ActionComponent, IDisposable
{
    private ElementReference _list;
    private Actor? _actor;
    private AuditFilter _filter = new();
    private AuditCursor? _after;
    private AuditSlice? _page;
    private int _latest;
    private bool _denied, _focusList;

    private string Query => AuditAddress.Write(_filter)[AuditAddress.Path.Length..];

    public void Dispose() => navigation.LocationChanged -= OnLocationChanged;

    protected override async Task OnInitializedAsync()
    {
        navigation.LocationChanged += OnLocationChanged;
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        if (!_denied)
            await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focusList)
            return;
        _focusList = false;
        await _list.FocusAsync();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (!_denied && AuditAddress.IsLog(navigation.ToBaseRelativePath(change.Location)))
            _ = InvokeAsync(ReloadAsync);
    }

    /// <summary>Callers don't await it, so it reports its own errors.</summary>
    private async Task ReloadAsync()
    {
        try
        {
            var after = _after;
            await LoadAsync();
            // The link to another page may be gone.
            _focusList = after != _after;
            StateHasChanged();
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }
    }

    private async Task LoadAsync()
    {
        var asked = ++_latest;
        var (filter, after) = AuditAddress.Parse(new Uri(navigation.Uri));
        var page = await reader.ListAsync(_actor!, filter, after);
        // The latest request wins, regardless of the order of the results.
        if (asked == _latest)
            (_filter, _after, _page) = (filter, after, page);
    }

    private void GoTo(AuditFilter filter) => navigation.NavigateTo(AuditAddress.Write(filter));
}
