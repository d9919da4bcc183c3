using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;

namespace Portal.Webhooks.Screen;

/// <summary>The endpoints to which Portal sends events. For administrators.</summary>
public sealed partial class WebhooksPage(
    WebhookReader reader, WebhookService webhooks, ModuleCatalog catalog, IDialogService dialogs, BrowserScript browser, NavigationManager navigation,
    AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private Actor? _actor;
    private IReadOnlyList<WebhookEntry>? _endpoints;
    private ITimer? _refreshing;
    private bool _denied, _gone, _isRefreshing;

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        if (_denied)
            return;
        _endpoints = await reader.ListAsync(_actor);
        _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    private string NameOf(string extensionId) => catalog.FindExtension(extensionId)?.Title ?? extensionId;

    private async Task AddAsync()
    {
        // Before the form, so that it isn't filled in vain.
        await webhooks.RequireAsync(_actor!);
        if (await WebhookDialog.ShowAsync(dialogs, catalog, null, input => webhooks.AddAsync(_actor!, input)) is { } id)
            navigation.NavigateTo($"webhooks/{id}");
        else
            await browser.FocusBackAsync();
    }

    private async Task RefreshAsync()
    {
        if (_gone || _isRefreshing)
            return;
        try
        {
            _isRefreshing = true;
            _endpoints = await reader.ListAsync(_actor!);
        }
        catch (Exception exception)
        {
            // Keeps the current content. The next round may succeed, and a tab whose session has ended opens the sign-in page.
            LogFailure(exception);
        }
        finally
        {
            _isRefreshing = false;
        }

        StateHasChanged();
    }
}
