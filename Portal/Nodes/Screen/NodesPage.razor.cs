using System.Globalization;
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

    /// <summary>The longest time for a read. The page shows its content as old then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Actor? _actor;
    private IReadOnlyList<NodeEntry>? _live;
    private IReadOnlyList<NodeEntry> _ended = [];
    private SharedServers? _servers;
    private ITimer? _refreshing;
    private DateTime _readAt;
    private bool _denied, _gone, _isRefreshing, _isOld;

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
        await ReadAsync(CancellationToken.None);
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

    private static string ChipOf(ServerState state) => state switch
    {
        ServerState.Primary => "chip-active",
        ServerState.Standby => "chip-revitalised",
        _ => "chip-expired",
    };

    private static string Seconds(TimeSpan time, string format = "0.#") => Texts.Nodes_Seconds.With(time.TotalSeconds.ToString(format, CultureInfo.CurrentCulture));

    private static string Ago(TimeSpan past) =>
        past < TimeSpan.FromMinutes(1) ? Texts.Nodes_SecondsAgo.With(((int)past.TotalSeconds).ToString(CultureInfo.CurrentCulture)) : RelativeTime.Say(past);

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var nodes = await reader.ListAsync(_actor!, cancellation);
        (_live, _ended) = ([.. nodes.Where(node => node.IsLive)], [.. nodes.Where(node => !node.IsLive)]);
        _readAt = clock.GetUtcNow().UtcDateTime;
    }

    private async Task RefreshAsync()
    {
        if (_gone || _isRefreshing)
            return;
        using var limit = new CancellationTokenSource(Patience, clock);
        try
        {
            _isRefreshing = true;
            await ReadAsync(limit.Token);
            _servers = await reader.ReadServersAsync(_actor!, limit.Token);
            _isOld = false;
        }
        catch (Exception exception)
        {
            // The next round may succeed, and a tab whose session has ended opens the sign-in page.
            if (!_isOld)
                LogFailure(exception);
            _isOld = true;
        }
        finally
        {
            _isRefreshing = false;
        }

        StateHasChanged();
    }
}
