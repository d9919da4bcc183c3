using Microsoft.AspNetCore.Components.Authorization;
using Portal.Access;
using Portal.Accounts;
using Portal.Components.Shared;
using Portal.Data.Nodes;
using Portal.Localization;

namespace Portal.Nodes.Screen;

/// <summary>The processes that share the database, how far each has applied the changes, and the servers that they share. For administrators.</summary>
public sealed partial class NodesPage(NodeReader reader, AuthenticationStateProvider authentication, TimeProvider clock) : ActionComponent, IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private Actor? _actor;
    private NodeList? _list;
    private SharedServers? _servers;
    private ITimer? _refreshing;
    private bool _denied, _gone, _isRefreshing;

    private NodeReader Reader => reader;

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
        _list = await reader.ListAsync(_actor);
        if (reader.IsShared)
            // The servers are part of the first round: the page doesn't wait for those that don't answer.
            _refreshing = clock.CreateTimer(_ => InvokeAsync(RefreshAsync), null, TimeSpan.Zero, Freshness);
    }

    private static string NameOf(ServerState state) => state switch
    {
        ServerState.Primary => Texts.Nodes_Primary,
        ServerState.Standby => Texts.Nodes_Standby,
        _ => Texts.Nodes_Unreachable,
    };

    private async Task RefreshAsync()
    {
        if (_gone || _isRefreshing)
            return;
        try
        {
            _isRefreshing = true;
            _list = await reader.ListAsync(_actor!);
            _servers = await reader.ReadServersAsync(_actor!);
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
