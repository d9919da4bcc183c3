using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Statistics;
using Portal.Tokens.Bulk.Screen;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;
using Portal.Tokens.Views;

namespace Portal.Tokens.List;

/// <summary>The token list. The URL holds its state, and every change of the state goes through the URL.</summary>
public sealed partial class TokenList(
    TokenReader reader, OwnerReader owners, ActivityReader activities, TokenAttentionReader attention, TokenListVersion versions, TokenViewService views, ModuleCatalog catalog, IOptions<TokenOptions> options, TokenDialogs dialogs,
    BulkDialogs bulk, TokenExporter exporter, KeyTracer tracer, BrowserScript browser, NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock)
    : ActionComponent, IDisposable
{
    // Never disposed: work that is still running reads its token, and without a timer there is nothing to free.
    private readonly CancellationTokenSource _gone = new();
    private Actor? _actor;
    private TokenQuery _query = new();
    private TokenPage? _page;
    private IReadOnlyList<OwnerOption> _owners = [];
    private IReadOnlyList<TracedKey>? _found;
    private bool _loading;

    /// <summary>Whether the account has no tokens, as opposed to no results.</summary>
    private bool _pristine;
    private int _latest;

    private ModuleCatalog Catalog => catalog;
    private IOptions<TokenOptions> Options => options;

    public void Dispose()
    {
        navigation.LocationChanged -= OnLocationChanged;
        _gone.Cancel();
    }

    protected override async Task OnInitializedAsync()
    {
        navigation.LocationChanged += OnLocationChanged;
        _actor = await authentication.GetActorAsync();
        _chosenColumns = TokenColumns.Read(await views.ReadColumnsAsync(_actor, _gone.Token));
        await LoadAsync();
        RestoreSelection();
        await ReadAttentionAsync();
        _owners = await owners.ListAsync(_actor, _gone.Token);
        _ = InvokeAsync(KeepFreshAsync);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (TokenListAddress.IsList(navigation.ToBaseRelativePath(change.Location)))
            _ = InvokeAsync(ReloadAsync);
    }

    /// <summary>Reloads the list. Callers don't await it, so it reports its own errors.</summary>
    private async Task ReloadAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (Exception exception) when (!_gone.IsCancellationRequested)
        {
            await ReportAsync(exception);
        }
    }

    private async Task LoadAsync()
    {
        if (_gone.IsCancellationRequested)
            return;
        if (TokenListAddress.FindSecret(new Uri(navigation.Uri)) is { } secret)
        {
            // Replaces the history entry that contains the secret, so that the Back button doesn't return to it.
            navigation.NavigateTo(TokenListAddress.Write(TokenListAddress.Parse(new Uri(navigation.Uri), catalog)), replace: true);
            await TraceAsync(secret);
            return;
        }

        var asked = ++_latest;
        var address = new Uri(navigation.Uri);
        var query = TokenListAddress.Parse(address, catalog);
        // An action must not change tokens that the list no longer shows.
        if (!FindSameTokens(query, _query))
            ClearSelection();
        (_query, _columnsOfAddress) = (query, TokenListAddress.ParseColumns(address));
        _loading = true;
        StateHasChanged();
        try
        {
            var page = await reader.ListAsync(_actor!, query, _gone.Token);
            var pristine = page.Total == 0 && !query.IsFiltered && !await HasDeletedAsync();
            // The latest request wins, regardless of the order of the results.
            if (asked != _latest)
                return;
            (_page, _pristine) = (page, pristine);
            // The page no longer exists: opens the last one, and replaces the history entry so that the Back button doesn't return here.
            if (page.Rows.Count == 0 && page.Total > 0)
                navigation.NavigateTo(TokenListAddress.Write(query with { Page = (page.Total - 1) / query.PageSize + 1 }, _columnsOfAddress), replace: true);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (asked == _latest)
                _loading = false;
        }

        StateHasChanged();
        await ReadActivityAsync();
    }

    /// <summary>Whether the account has deleted tokens. If it has only those, it isn't empty, so that users can list them.</summary>
    private async Task<bool> HasDeletedAsync() =>
        (await reader.ListAsync(_actor!, new TokenQuery { WithDeleted = true, PageSize = 1 }, _gone.Token)).Total > 0;

    private void GoTo(TokenQuery query)
    {
        // The found keys belong to the text that was pasted before.
        if (query.Search != _query.Search)
            _found = null;
        // Typing a search creates one history entry, not one for each pause.
        navigation.NavigateTo(TokenListAddress.Write(query, _columnsOfAddress), replace: query.Search != _query.Search && _query.Search.Length > 0);
    }

    /// <summary>Opens another page and returns to the top of the list.</summary>
    private async Task TurnTo(int page)
    {
        GoTo(_query with { Page = page });
        await browser.ScrollToTopAsync();
    }

    /// <summary>Shows the tokens of keys that were pasted or were in the URL.</summary>
    private async Task TraceAsync(string text)
    {
        if (PastedKeys.Find(text) is not { } pasted)
            return;
        // Keys from the previous text could be mistaken for results of this one.
        _found = null;
        _found = await tracer.TraceAsync(_actor!, pasted, _gone.Token);
        StateHasChanged();
    }

    private async Task DisableFoundAsync(string handle)
    {
        if (!await dialogs.RunAsync(_actor!, TokenAction.Disable, handle))
            return;
        await LoadAsync();
        if (_found is not null)
            _found = [.. await Task.WhenAll(_found.Select(RefreshAsync))];
    }

    /// <summary>Updates the token of a traced key.</summary>
    private async Task<TracedKey> RefreshAsync(TracedKey key) =>
        key.Token is not null && await reader.FindAsync(_actor!, key.Handle, _gone.Token) is { } token
            ? key with { Token = token, Actions = TokenActions.For(_actor!, token) }
            : key;

    private async Task ActAsync((TokenAction Action, TokenRow Row) asked)
    {
        if (await dialogs.RunAsync(_actor!, asked.Action, asked.Row.Handle))
            await LoadAsync();
    }
}
