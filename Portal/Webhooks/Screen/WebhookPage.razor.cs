using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using MudBlazor;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks.Screen;

/// <summary>An endpoint with its deliveries. The URL holds the filter. For administrators.</summary>
public sealed partial class WebhookPage(
    WebhookReader reader, WebhookService webhooks, ModuleCatalog catalog, IOptions<WebhookOptions> options, IDialogService dialogs, Messages messages, BrowserScript browser,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private Actor? _actor;
    private WebhookEntry? _endpoint;
    private DeliveryPage _page = new([], 0);
    private ITimer? _refreshing;
    private string? _refusal;
    private int _latest;
    private bool _denied, _missing, _gone, _isRefreshing;

    [Parameter]
    public long Id { get; set; }

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery]
    private string? Type { get; set; }

    [SupplyParameterFromQuery]
    private string? Page { get; set; }

    private static IEnumerable<(string Value, string Text)> States =>
        Enum.GetValues<DeliveryState>().Select(state => (NameOf(state), WebhookTexts.Describe(state)));

    private static IEnumerable<(string Value, string Text)> Types =>
        WebhookEvent.All.Select(type => type.Name).Append(WebhookEvent.Test).Select(name => (name, name));

    private string Title => _endpoint is null ? Texts.Webhooks_Endpoint : _endpoint.Description ?? WebhookUrl.OriginOf(_endpoint.Url);

    /// <summary>Invalid parts of the URL are ignored.</summary>
    private DeliveryQuery Query => new(
        Enum.TryParse<DeliveryState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) && !char.IsAsciiDigit(State[0]) ? state : null,
        Types.Any(type => type.Value == Type) ? Type : null,
        int.TryParse(Page, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page > 0 ? page : 1);

    private string? StateName => Query.State is { } state ? NameOf(state) : null;

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await authentication.GetActorAsync();
        _denied = !_actor.May(Role.Administrator);
        if (!_denied)
            _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (!_denied && _actor is not null)
            await LoadAsync();
    }

    private static string NameOf(DeliveryState state) => state.ToString().ToLowerInvariant();

    private async Task LoadAsync()
    {
        var asked = ++_latest;
        var endpoint = await reader.FindAsync(_actor!, Id);
        var page = endpoint is null ? new DeliveryPage([], 0) : await reader.ListDeliveriesAsync(_actor!, Id, Query);
        // The latest request wins, regardless of the order of the results.
        if (asked == _latest)
            (_endpoint, _page, _missing) = (endpoint, page, endpoint is null);
    }

    private void GoTo(string? state, string? type, int page) => navigation.NavigateTo(QueryHelpers.AddQueryString($"webhooks/{Id}", new Dictionary<string, string?>
    {
        ["state"] = state, ["type"] = type, ["page"] = page == 1 ? null : page.ToString(CultureInfo.InvariantCulture),
    }.Where(part => part.Value is not null)));

    private Task TestAsync() => ChangeAsync(() => webhooks.TestAsync(_actor!, Id), Texts.Webhooks_TestSent);

    private Task EnableAsync() => ChangeAsync(() => webhooks.EnableAsync(_actor!, Id), Texts.Webhooks_EnabledDone);

    private Task ResendFailedAsync() => ChangeAsync(() => webhooks.ResendFailedAsync(_actor!, Id), Texts.Webhooks_ResendStarted);

    private async Task EditAsync()
    {
        await webhooks.RequireAsync(_actor!);
        var version = _endpoint!.Version;
        if (await WebhookDialog.ShowAsync(dialogs, catalog, _endpoint, input => webhooks.EditAsync(_actor!, Id, version, input)) is not null)
            messages.Show(Texts.Webhooks_Saved);
        await AfterDialogAsync();
    }

    private async Task RotateAsync()
    {
        await webhooks.RequireAsync(_actor!);
        var version = _endpoint!.Version;
        await RotateSecretDialog.ShowAsync(dialogs, overlap => webhooks.RotateAsync(_actor!, Id, version, overlap));
        await AfterDialogAsync();
    }

    private async Task DisableAsync()
    {
        await ConfirmAsync(Texts.Webhooks_DisableTitle, Texts.Webhooks_DisableHint, Texts.Users_Disable, () => webhooks.DisableAsync(_actor!, Id), Texts.Webhooks_DisabledDone);
        await AfterDialogAsync();
    }

    private async Task DeleteAsync()
    {
        if (await ConfirmAsync(Texts.Webhooks_DeleteTitle, Texts.Webhooks_DeleteHint, Texts.TokenAction_Delete, () => webhooks.DeleteAsync(_actor!, Id), Texts.Webhooks_DeletedDone))
            navigation.NavigateTo("webhooks");
        else
            await AfterDialogAsync();
    }

    private async Task OpenAsync(DeliveryRow row)
    {
        if (await reader.FindDeliveryAsync(_actor!, Id, row.Id) is not { } delivery)
            _refusal = Texts.Webhooks_DeliveryGone;
        else if (await DeliveryDialog.ShowAsync(dialogs, delivery, () => webhooks.ResendAsync(_actor!, Id, row.Id)))
            messages.Show(Texts.Webhooks_ResendStarted);
        await AfterDialogAsync();
    }

    private async Task ChangeAsync(Func<Task<WebhookOutcome>> change, string done)
    {
        var outcome = await change();
        _refusal = WebhookTexts.Describe(outcome);
        if (_refusal is null)
            messages.Show(done);
        await LoadAsync();
        StateHasChanged();
    }

    /// <summary>Asks first, and makes the change while the dialog is open, so that it can show an error and allow a retry.</summary>
    /// <returns>Whether the change was made.</returns>
    private async Task<bool> ConfirmAsync(string title, string line, string confirm, Func<Task<WebhookOutcome>> change, string done)
    {
        WebhookOutcome? outcome = null;
        if (!await ConfirmDialog.AskAsync(dialogs, title, [line], confirm, danger: true, act: async () => outcome = await change()))
            return false;
        _refusal = WebhookTexts.Describe(outcome!);
        if (_refusal is null)
            messages.Show(done);
        return _refusal is null;
    }

    private async Task AfterDialogAsync()
    {
        await LoadAsync();
        StateHasChanged();
        await browser.FocusBackAsync();
    }

    /// <summary>Starts an action without awaiting it: the menu closes when its handler returns, and a dialog may stay open for minutes.</summary>
    private void Start(Func<Task> action) => _ = StartAsync(action);

    private async Task StartAsync(Func<Task> action)
    {
        try
        {
            await WithProofAsync(action);
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }
    }

    private async Task RefreshAsync()
    {
        if (_gone || _isRefreshing || _missing)
            return;
        try
        {
            _isRefreshing = true;
            await LoadAsync();
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
