using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>The deleted tokens, those that were deleted last first. The URL holds the search and the page.</summary>
public sealed partial class DeletedTokenList(
    TokenReader reader, TokenDialogs dialogs, IOptions<TokenOptions> options, BrowserScript browser, NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock)
    : ActionComponent, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private Actor? _actor;
    private DeletedListAddress _address = new();
    private DeletedTokenPage? _page;
    private ITimer? _typing;
    private string _search = "";
    private string? _fault;
    private bool _loading, _gone;
    private int _latest;

    [SupplyParameterFromQuery(Name = "q")]
    private string? SearchText { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageNumber { get; set; }

    [SupplyParameterFromQuery(Name = "size")]
    private string? Size { get; set; }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private bool MayRestore => _actor?.May(TokenAction.Restore.Role) is true;

    private string Intro => options.Value.DeletedRetentionDays == 0
        ? Texts.DeletedTokens_IntroOff
        : TextFormat.Count(options.Value.DeletedRetentionDays, Texts.DeletedTokens_Intro_One, Texts.DeletedTokens_Intro_Other);

    public void Dispose()
    {
        _gone = true;
        dialogs.Undone -= ReloadAfterUndo;
        _typing?.Dispose();
    }

    protected override void OnInitialized() => dialogs.Undone += ReloadAfterUndo;

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        var address = DeletedListAddress.Parse(SearchText, PageNumber, Size);
        if (SecretText.Holds(SearchText))
        {
            // Replaces the history entry that contains the secret.
            navigation.NavigateTo(address.Write(), replace: true);
            return;
        }

        if (address.Search != _address.Search)
            _search = address.Search;
        _address = address;
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = ++_latest;
        _loading = true;
        try
        {
            var page = await reader.ListDeletedAsync(_actor!, _address.Search, _address.Page, _address.PageSize);
            // The latest request wins, regardless of the order of the results.
            if (asked != _latest || _gone)
                return;
            _page = page;
            // The page no longer exists: opens the last one.
            if (page.Rows.Count == 0 && page.Total > 0)
                navigation.NavigateTo((_address with { Page = (page.Total - 1) / _address.PageSize + 1 }).Write(), replace: true);
        }
        finally
        {
            if (asked == _latest)
                _loading = false;
        }
    }

    private void ReloadAfterUndo(string handle) => _ = InvokeAsync(async () =>
    {
        try
        {
            await LoadAsync();
            StateHasChanged();
        }
        catch (Exception exception) when (!_gone)
        {
            await ReportAsync(exception);
        }
    });

    private void SearchLater(string? text)
    {
        _typing?.Dispose();
        if (SecretText.Holds(text))
        {
            // The key never reaches the address. The token list finds its token.
            (_search, _fault) = (_address.Search, Texts.DeletedTokens_Secret);
            return;
        }

        _search = text ?? "";
        _fault = _search.Trim().Length is var length && length > TokenQuery.LongestSearch
            ? Texts.TokenFilters_SearchTooLong.With(TokenQuery.LongestSearch, InputLimits.Describe(length, InputLimits.Search))
            : null;
        if (_fault is null)
            _typing = clock.CreateTimer(_ => InvokeAsync(SearchNow), null, Pause, Timeout.InfiniteTimeSpan);
    }

    private void SearchNow()
    {
        if (!_gone && _fault is null && _search.Trim() is var text && text != _address.Search)
            // Typing a search creates one history entry, not one for each pause.
            navigation.NavigateTo((_address with { Search = text, Page = 1 }).Write(), replace: _address.Search.Length > 0);
    }

    private void GoTo(DeletedListAddress address) => navigation.NavigateTo(address.Write());

    private async Task TurnTo(int page)
    {
        GoTo(_address with { Page = page });
        await browser.ScrollToTopAsync();
    }

    private async Task RestoreAsync(DeletedToken token)
    {
        if (await dialogs.RunAsync(_actor!, TokenAction.Restore, token.Handle))
            await LoadAsync();
    }
}
