using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.Extensions.Options;
using Portal.Accounts;
using Portal.Audit;
using Portal.Catalog;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.List;

/// <summary>The list of tokens. Its state is the address; every change of it goes through the address.</summary>
public sealed partial class TokenList(
    TokenReader reader, ModuleCatalog catalog, IOptions<TokenOptions> options, TokenDialogs dialogs, NavigationManager navigation,
    AuthenticationStateProvider authentication) : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private Actor? _actor;
    private TokenQuery _query = new();
    private TokenPage? _page;
    private bool _loading;
    private int _latest;

    private ModuleCatalog Catalog => catalog;
    private IOptions<TokenOptions> Options => options;

    /// <summary>Whether there is nothing at all to list, as opposed to nothing found.</summary>
    private bool IsPristine => _page is { Total: 0 } && !_query.IsFiltered;

    public void Dispose()
    {
        navigation.LocationChanged -= OnLocationChanged;
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        navigation.LocationChanged += OnLocationChanged;
        _actor = await authentication.GetActorAsync();
        await LoadAsync();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (new Uri(change.Location).AbsolutePath.TrimEnd('/').Equals("/tokens", StringComparison.OrdinalIgnoreCase))
            _ = InvokeAsync(LoadAsync);
    }

    private async Task LoadAsync()
    {
        var asked = ++_latest;
        _query = TokenListAddress.Parse(new Uri(navigation.Uri), catalog);
        _loading = true;
        StateHasChanged();
        try
        {
            var page = await reader.ListAsync(_actor!, _query, _gone.Token);
            // What was asked later wins, whichever answer comes first.
            if (asked != _latest)
                return;
            _page = page;
            if (page.Rows.Count == 0 && page.Total > 0)
                GoTo(_query with { Page = (page.Total - 1) / _query.PageSize + 1 });
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            _loading = asked != _latest;
        }

        StateHasChanged();
    }

    private void GoTo(TokenQuery query) =>
        // Typing a search makes one entry in the history, not one for each pause.
        navigation.NavigateTo(TokenListAddress.Write(query), replace: query.Search != _query.Search && _query.Search.Length > 0);

    private async Task ActAsync((TokenAction Action, TokenRow Row) asked)
    {
        if (await dialogs.RunAsync(_actor!, asked.Action, asked.Row.Handle))
            await LoadAsync();
    }
}
