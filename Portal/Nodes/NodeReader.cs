using Portal.Access;
using Portal.Data.Nodes;

namespace Portal.Nodes;

/// <summary>A process that shares the database.</summary>
/// <param name="Name">The name of its machine and its process ID, which needn't be unique.</param>
/// <param name="Role">What the process does.</param>
/// <param name="Version">Its version of Portal.</param>
/// <param name="StartedAt">When it joined, in UTC by the clock of the database.</param>
/// <param name="RenewedAt">When it last renewed its lease, in UTC by the clock of the database.</param>
/// <param name="SinceRenewal">The time since then, by the clock of the database.</param>
/// <param name="IsLive">Whether changes wait for it.</param>
/// <param name="IsDraining">Whether it is about to stop.</param>
/// <param name="Behind">The number of changes that it hasn't applied yet.</param>
/// <param name="IsThis">Whether it is the process that shows this.</param>
public sealed record NodeEntry(
    Guid Id, string Name, string Role, string Version, DateTime StartedAt, DateTime RenewedAt, TimeSpan SinceRenewal, bool IsLive, bool IsDraining, long Behind, bool IsThis);

/// <summary>A database server that the configuration names.</summary>
/// <param name="Name">Its host, and its port unless it is the usual one.</param>
/// <param name="ServesKeys">Whether nodes read keys from it.</param>
/// <param name="Version">Its version; null if it can't be reached.</param>
/// <param name="Behind">The number of changes that it doesn't have yet; null if that is unknown.</param>
/// <param name="Delay">How much older its data is than that of the primary; null if that is unknown.</param>
public sealed record ServerEntry(string Name, ServerState State, bool ServesKeys, string? Version, long? Behind, TimeSpan? Delay);

/// <summary>What the nodes share.</summary>
/// <param name="Servers">The database servers, the primary first.</param>
/// <param name="LimitStore">The servers of the rate limits; empty if there are none.</param>
/// <param name="IsLimitStoreReachable">Whether this node can reach them.</param>
public sealed record SharedServers(IReadOnlyList<ServerEntry> Servers, string LimitStore, bool IsLimitStoreReachable);

/// <summary>Lists the nodes for people.</summary>
public sealed class NodeReader
{
    private readonly AccessControl _access;
    private readonly NodeLease _lease;
    private readonly INodeStore? _store;
    private readonly ChangeFollower? _follower;
    private readonly IServerReader? _servers;
    private readonly ILimitStoreState _limits;

    internal NodeReader(
        AccessControl access, NodeLease lease, INodeStore? store, ChangeFollower? follower, IServerReader? servers, ILimitStoreState limits, NodeOptions options)
    {
        (_access, _lease, _store, _follower, _servers, _limits) = (access, lease, store, follower, servers, limits);
        Lease = options.Lease;
    }

    /// <summary>Whether several processes can share the database.</summary>
    public bool IsShared => _store is not null;

    /// <summary>Whether this process trusts its memory; otherwise, it reads the database for each request.</summary>
    public bool IsTrusted => _lease.IsTrusted;

    /// <summary>The length of a lease.</summary>
    public TimeSpan Lease { get; }

    /// <summary>Lists the nodes that are live or ended within the last day.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    /// <returns>The live ones first. Empty if this process has the database for itself.</returns>
    public async Task<IReadOnlyList<NodeEntry>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await _access.RequireAsync(actor, Role.Administrator, cancellation);
        if (_store is null)
            return [];
        var read = await _store.ReadAllAsync(cancellation);
        return [.. read.Nodes
            .OrderByDescending(node => node.IsLive).ThenBy(node => node.Identity.Name, StringComparer.Ordinal).ThenByDescending(node => node.StartedAt)
            .Select(node => new NodeEntry(
                node.Id, node.Identity.Name, node.Identity.Role, node.Identity.Version, node.StartedAt, node.RenewedAt,
                TimeSpan.FromTicks(Math.Max(0, (read.At - node.RenewedAt).Ticks)), node.IsLive, node.IsDraining, Math.Max(0, read.Last - node.ReadThrough), node.Id == _follower?.Id))];
    }

    /// <summary>Asks the database servers and the store of the rate limits for their state. Takes about a second if a server doesn't answer.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<SharedServers> ReadServersAsync(Actor actor, CancellationToken cancellation = default)
    {
        await _access.RequireAsync(actor, Role.Administrator, cancellation);
        return new SharedServers(_servers is null ? [] : Describe(await _servers.ReadAsync(cancellation)), _limits.Name, _limits.IsReachable);
    }

    /// <summary>Compares the servers with the primary, which comes first.</summary>
    internal static IReadOnlyList<ServerEntry> Describe(IReadOnlyList<ServerRead> read)
    {
        var primary = read.FirstOrDefault(server => server.State == ServerState.Primary);
        return [.. read.OrderBy(server => server.State != ServerState.Primary)
            .Select(server => new ServerEntry(server.Name, server.State, server.ServesKeys, server.Version, BehindOf(server, primary), DelayOf(server, primary)))];
    }

    private static long? BehindOf(ServerRead server, ServerRead? primary) => primary?.Last - server.Last is { } behind ? Math.Max(0, behind) : null;

    /// <summary>Both times are of the primary's clock.</summary>
    private static TimeSpan? DelayOf(ServerRead server, ServerRead? primary) =>
        server.State == ServerState.Standby && primary?.At - server.At is { } delay ? TimeSpan.FromTicks(Math.Max(0, delay.Ticks)) : null;
}
