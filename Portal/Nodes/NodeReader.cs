using Portal.Access;
using Portal.Data.Nodes;

namespace Portal.Nodes;

/// <summary>A process that shares the database.</summary>
/// <param name="Name">The name of its machine, which needn't be unique.</param>
/// <param name="Role">What the process does.</param>
/// <param name="Version">Its version of Portal.</param>
/// <param name="StartedAt">When it joined, in UTC by the clock of the database.</param>
/// <param name="RenewedAt">When it last renewed its lease, in UTC by the clock of the database.</param>
/// <param name="IsLive">Whether changes wait for it.</param>
/// <param name="Behind">The number of changes that it hasn't applied yet.</param>
/// <param name="IsThis">Whether it is the process that shows this.</param>
public sealed record NodeEntry(
    Guid Id, string Name, string Role, string Version, DateTime StartedAt, DateTime RenewedAt, bool IsLive, long Behind, bool IsThis);

/// <param name="Nodes">The live ones first. Empty if this process has the database for itself.</param>
/// <param name="IsTrusted">Whether this process trusts its memory; otherwise, it reads the database for each request.</param>
public sealed record NodeList(IReadOnlyList<NodeEntry> Nodes, bool IsTrusted);

/// <summary>Lists the nodes for people.</summary>
public sealed class NodeReader
{
    private readonly AccessControl _access;
    private readonly NodeLease _lease;
    private readonly INodeStore? _store;
    private readonly ChangeFollower? _follower;

    internal NodeReader(AccessControl access, NodeLease lease, INodeStore? store, ChangeFollower? follower) =>
        (_access, _lease, _store, _follower) = (access, lease, store, follower);

    /// <summary>Whether several processes can share the database.</summary>
    public bool IsShared => _store is not null;

    /// <summary>Lists the nodes that are live or ended within the last day.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<NodeList> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await _access.RequireAsync(actor, Role.Administrator, cancellation);
        if (_store is null)
            return new NodeList([], _lease.IsTrusted);
        var read = await _store.ReadAllAsync(cancellation);
        var nodes = read.Nodes
            .OrderByDescending(node => node.IsLive).ThenBy(node => node.Identity.Name, StringComparer.Ordinal).ThenByDescending(node => node.StartedAt)
            .Select(node => new NodeEntry(
                node.Id, node.Identity.Name, node.Identity.Role, node.Identity.Version, node.StartedAt, node.RenewedAt, node.IsLive,
                Math.Max(0, read.Last - node.ReadThrough), node.Id == _follower?.Id));
        return new NodeList([.. nodes], _lease.IsTrusted);
    }
}
