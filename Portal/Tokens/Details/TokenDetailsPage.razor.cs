using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Accounts;
using Portal.Audit;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Statistics;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.Details;

/// <summary>One token: what it is, what its requests ended in, what it may use. The tab stands in the address.</summary>
public sealed partial class TokenDetailsPage(
    TokenReader reader, TokenService tokens, StatisticsReader statistics, ModuleCatalog catalog, TokenDialogs dialogs,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock, ILogger<TokenDetailsPage> logger)
    : ActionComponent, IDisposable
{
    /// <summary>How often the page looks whether the token was used or changed.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private const int MostCreated = 10;

    private const string GeneralName = "General", StatisticsName = "Statistics", PermissionsName = "Permissions";
    private static readonly string[] Tabs = [GeneralName, StatisticsName, PermissionsName];

    private Actor? _actor;
    private TokenDetails? _token;
    private TokenPage? _created;
    private TokenStatistics? _statistics;
    private IReadOnlyList<RecentRequest> _recent = [];
    private TokenActions _actions = default!;
    private string? _loaded;
    private ITimer? _refreshing;
    private bool _missing, _gone;

    private NavigationManager Navigation => navigation;

    [Parameter]
    public string Handle { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    private bool CountingFails => statistics.AreBehind;

    private string SelectedTab => Array.Find(Tabs, tab => tab.Equals(Tab, StringComparison.OrdinalIgnoreCase)) ?? GeneralName;

    public void Dispose()
    {
        _gone = true;
        _refreshing?.Dispose();
    }

    protected override void OnInitialized() =>
        _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        if (_loaded != Handle)
            (_loaded, _statistics, _created) = (Handle, null, null);
        try
        {
            // For another tab too: one tab must not say "never used" when another has just shown a use.
            await LoadAsync();
            await LoadStatisticsAsync();
            await LoadCreatedAsync();
        }
        catch (Exception exception) when (_token?.Handle == Handle)
        {
            // What is shown stays.
            await ReportAsync(exception);
        }
    }

    private async Task RefreshAsync()
    {
        if (_gone || _missing || _actor is null)
            return;
        try
        {
            await LoadAsync();
            await LoadStatisticsAsync();
            await LoadCreatedAsync();
            StateHasChanged();
        }
        catch (SessionEndedException)
        {
            // The tab leads to the sign-in page in a moment.
        }
        catch (Exception exception)
        {
            // What is shown stays; the next round may have more luck.
            LogStale(exception, Handle);
        }
    }

    private async Task LoadAsync()
    {
        _token = await reader.FindAsync(_actor!, Handle);
        _missing = _token is null;
        if (_token is not null)
            _actions = TokenActions.For(_actor!, _token);
    }

    /// <summary>The newest of the tokens that it created.</summary>
    private async Task LoadCreatedAsync()
    {
        if (SelectedTab == GeneralName && !_missing)
            _created = await reader.ListAsync(_actor!, new TokenQuery { CreatedBy = Handle, WithDeleted = true, PageSize = MostCreated });
    }

    private async Task LoadStatisticsAsync()
    {
        if (SelectedTab != StatisticsName || _missing)
            return;
        var read = await statistics.ReadAsync(_actor!, Handle);
        _recent = await statistics.ReadRecentAsync(_actor!, Handle);
        // The same object for the same numbers, so that the chart is drawn anew only when there is something new.
        if (_statistics is null || read is null || !read.HasSameNumbers(_statistics))
            _statistics = read;
    }

    private void SelectTab(string tab) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("tab", tab == GeneralName ? null : tab.ToLowerInvariant()), replace: true);

    private async Task ActAsync(TokenAction action)
    {
        if (await dialogs.RunAsync(_actor!, action, Handle))
        {
            await LoadAsync();
            await LoadCreatedAsync();
        }
    }

    private Task<RevealOutcome> RevealAsync(KeySlot slot, string purpose) => tokens.RevealAsync(_actor!, Handle, slot, purpose);

    private string ModuleName(string id) => catalog.FindModule(id)?.Name ?? id;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The page of {Handle} could not be refreshed")]
    private partial void LogStale(Exception exception, string handle);
}
