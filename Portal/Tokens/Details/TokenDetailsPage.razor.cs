using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Accounts;
using Portal.Audit;
using Portal.Catalog;
using Portal.Statistics;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.Details;

/// <summary>One token: what it is, what its requests ended in, what it may use. The tab stands in the address.</summary>
public sealed partial class TokenDetailsPage(
    TokenReader reader, TokenService tokens, StatisticsReader statistics, ModuleCatalog catalog, TokenDialogs dialogs,
    NavigationManager navigation, AuthenticationStateProvider authentication) : ComponentBase
{
    private const string GeneralName = "General", StatisticsName = "Statistics", PermissionsName = "Permissions";
    private static readonly string[] Tabs = [GeneralName, StatisticsName, PermissionsName];

    private Actor? _actor;
    private TokenDetails? _token;
    private TokenStatistics? _statistics;
    private TokenActions _actions = default!;
    private string? _loaded;
    private bool _missing;

    private NavigationManager Navigation => navigation;

    [Parameter]
    public string Handle { get; set; } = "";

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    private string SelectedTab => Array.Find(Tabs, tab => tab.Equals(Tab, StringComparison.OrdinalIgnoreCase)) ?? GeneralName;

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= await authentication.GetActorAsync();
        if (_loaded != Handle)
        {
            (_loaded, _statistics) = (Handle, null);
            await LoadAsync();
        }

        if (SelectedTab == StatisticsName && !_missing)
            _statistics = await statistics.ReadAsync(_actor.AccountId, Handle);
    }

    private async Task LoadAsync()
    {
        _token = await reader.FindAsync(_actor!, Handle);
        _missing = _token is null;
        if (_token is not null)
            _actions = TokenActions.For(_actor!, _token);
    }

    private void SelectTab(string tab) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("tab", tab == GeneralName ? null : tab.ToLowerInvariant()), replace: true);

    private async Task ActAsync(TokenAction action)
    {
        if (await dialogs.RunAsync(_actor!, action, Handle))
            await LoadAsync();
    }

    private Task<RevealOutcome> RevealAsync(KeySlot slot, string purpose) => tokens.RevealAsync(_actor!, Handle, slot, purpose);

    private string ModuleName(string id) => catalog.FindModule(id)?.Name ?? id;
}
