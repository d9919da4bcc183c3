using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Statistics;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>The details of a token: its properties, statistics and permissions. The URL contains the tab.</summary>
public sealed partial class TokenDetailsPage(
    TokenReader reader, TokenService tokens, StatisticsReader statistics, ModuleCatalog catalog, TokenDialogs dialogs,
    NavigationManager navigation, AuthenticationStateProvider authentication, TimeProvider clock, ILogger<TokenDetailsPage> logger)
    : ActionComponent, IDisposable
{
    /// <summary>The interval at which the page checks whether the token was used or changed.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private const int MostCreated = 10;

    private const string GeneralName = "General", StatisticsName = "Statistics", PermissionsName = "Permissions", ActivityName = "Activity";
    private static readonly string[] Tabs = [GeneralName, StatisticsName, PermissionsName, ActivityName];

    private Actor? _actor;
    private TokenDetails? _token;
    private TokenPage? _created;
    private RefusedCounts _refused;
    private RecentRequest? _lastRetired;
    private TokenStatistics? _statistics;
    private StatisticsPeriod _period = StatisticsPeriod.Default;
    private StatisticsMark? _mark;
    private IReadOnlyList<RecentRequest> _recent = [];
    private TokenActions _actions = default!;
    private string? _loaded;
    private ITimer? _refreshing;
    private int _latest;
    private bool _missing, _gone, _isRefreshing, _isStale, _leaves, _begins;

    private NavigationManager Navigation => navigation;

    [Parameter]
    public string Handle { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    [SupplyParameterFromQuery]
    private string? Days { get; set; }

    [SupplyParameterFromQuery]
    private string? Hours { get; set; }

    /// <summary>The name of an action that the page begins with, as links in mails have it. The person still confirms it.</summary>
    [SupplyParameterFromQuery]
    private string? Do { get; set; }

    private bool CountingFails => statistics.AreBehind;

    private long CountedWithoutDetails => statistics.CountedWithoutDetails;

    private string SelectedTab => Array.Find(Tabs, tab => tab.Equals(Tab, StringComparison.OrdinalIgnoreCase)) ?? GeneralName;

    public void Dispose()
    {
        _gone = true;
        dialogs.Undone -= RefreshAfterUndo;
        _refreshing?.Dispose();
    }

    protected override void OnInitialized()
    {
        dialogs.Undone += RefreshAfterUndo;
        _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, Freshness, Freshness);
    }

    private void RefreshAfterUndo(string handle) => _ = handle == Handle ? InvokeAsync(RefreshAsync) : Task.CompletedTask;

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        if (_loaded != Handle)
        {
            // The page still shows another token, and actions would apply to it.
            (_loaded, _token, _statistics, _mark, _recent, _created, _missing, _isStale) = (Handle, null, null, null, [], null, false, false);
            (_refused, _lastRetired) = (default, null);
        }

        try
        {
            // When the tab changes too: it must not show "never used" after another tab has shown a use.
            await LoadAsync();
        }
        catch (Exception exception) when (_token?.Handle == Handle)
        {
            // Keep the current content.
            await ReportAsync(exception);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_token is null || _token.Handle != Handle)
            return;
        if (Do is not null && !_leaves)
        {
            // A reload must not begin the action again. A navigation closes dialogs, so the dialog opens after it.
            (_leaves, _begins) = (true, Do == "renew" && _actions.Allows(TokenAction.Renew));
            navigation.NavigateTo(navigation.GetUriWithQueryParameter("do", (string?)null), replace: true);
        }
        else if (Do is null && _begins)
        {
            (_leaves, _begins) = (false, false);
            await BeginRenewalAsync();
        }
    }

    private async Task BeginRenewalAsync()
    {
        try
        {
            await WithProofAsync(() => ActAsync(TokenAction.Renew));
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }

        StateHasChanged();
    }

    private async Task RefreshAsync()
    {
        if (_gone || _missing || _actor is null)
            return;
        if (_isRefreshing)
        {
            // The previous round is still running: mark the page as outdated and skip this round.
            _isStale = true;
            StateHasChanged();
            return;
        }

        try
        {
            _isRefreshing = true;
            await LoadAsync();
            _isStale = false;
        }
        catch (SessionEndedException)
        {
            // The browser tab opens the sign-in page soon.
        }
        catch (Exception exception)
        {
            // Keep the current content. The next round may succeed.
            _isStale = true;
            LogStale(exception, Handle);
        }
        finally
        {
            _isRefreshing = false;
        }

        if (!_gone)
            StateHasChanged();
    }

    /// <summary>Reads the data of the open tab. The latest request wins, regardless of the order of the results.</summary>
    private async Task LoadAsync()
    {
        var (asked, handle) = (++_latest, Handle);
        var token = await reader.FindAsync(_actor!, handle);
        if (asked != _latest)
            return;
        (_token, _missing) = (token, token is null);
        if (token is null)
            return;
        _actions = TokenActions.For(_actor!, token);
        if (SelectedTab == GeneralName)
        {
            // Only the newest tokens that it created.
            var created = await reader.ListAsync(_actor!, new TokenQuery { CreatedBy = handle, WithDeleted = true, PageSize = MostCreated });
            var refused = await statistics.CountRefusedAsync(_actor!, handle);
            var retired = refused.WithRetiredKey > 0
                ? (await statistics.ReadRecentAsync(_actor!, handle)).FirstOrDefault(request => request.Reason == CountReason.RetiredKey)
                : null;
            if (asked == _latest)
                (_created, _refused, _lastRetired) = (created, refused, retired);
        }

        if (SelectedTab != StatisticsName)
            return;
        await LoadStatisticsAsync(asked, handle);
    }

    /// <summary>Reads the statistics, unless nothing was counted since the last time.</summary>
    private async Task LoadStatisticsAsync(int asked, string handle)
    {
        var period = statistics.FindPeriod(Hours, Days);
        var mark = await statistics.ReadMarkAsync(_actor!, handle);
        // While the database refuses counts, the recent requests come from memory.
        if (asked != _latest || (mark == _mark && period == _period && !CountingFails))
            return;
        var read = await statistics.ReadAsync(_actor!, handle, period);
        var recent = await statistics.ReadRecentAsync(_actor!, handle);
        if (asked != _latest)
            return;
        (_period, _mark, _recent) = (period, mark, recent);
        // Keeps the object if its numbers are the same, so that the chart is not redrawn.
        if (_statistics is null || read is null || !read.HasSameNumbers(_statistics))
            _statistics = read;
    }

    private static string TitleOf(string tab) => tab switch
    {
        GeneralName => Texts.TokenDetails_General,
        StatisticsName => Texts.TokenDetails_Statistics,
        ActivityName => Texts.TokenDetails_Activity,
        _ => Texts.Token_Permissions,
    };

    private void SelectTab(string tab) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("tab", tab == GeneralName ? null : tab.ToLowerInvariant()), replace: true);

    private void SelectPeriod(StatisticsPeriod period) => navigation.NavigateTo(
        navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            ["hours"] = period.IsHours ? period.Length : null,
            ["days"] = period.IsHours || period == StatisticsPeriod.Default ? null : period.Length,
        }),
        replace: true);

    private async Task ActAsync(TokenAction action)
    {
        if (await dialogs.RunAsync(_actor!, action, Handle))
            await LoadAsync();
    }

    private Task<RevealOutcome> RevealAsync(KeySlot slot, string purpose) => tokens.RevealAsync(_actor!, Handle, slot, purpose);

    private string Command(string headerValue) => ExampleCommand.Curl(navigation.BaseUri, _token!, catalog, headerValue);

    private string ModuleName(string id) => catalog.FindModule(id)?.Name ?? id;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The page of {Handle} could not be refreshed")]
    private partial void LogStale(Exception exception, string handle);
}
