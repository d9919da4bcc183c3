namespace Portal.Data.Nodes;

/// <summary>A row of <c>Nodes</c> that is live.</summary>
/// <param name="Id">A node that was declared dead gets another ID, so a row never becomes live again.</param>
/// <param name="Renewal">Increases with each renewal of the lease.</param>
/// <param name="ReadThrough">The last change that the node has applied.</param>
/// <param name="ServesKeys">Whether it serves requests with keys.</param>
internal readonly record struct NodeRow(Guid Id, string Name, long Renewal, long ReadThrough, bool ServesKeys = true);

/// <param name="Last">The number of the last change at the time of the read; 0 if there is none.</param>
/// <param name="Changes">The changes after the requested number, in order. Incomplete if there are too many or some were removed.</param>
internal sealed record ChangesRead(long Last, IReadOnlyList<Change> Changes);

/// <param name="Last">The number of the last change at the time of the read.</param>
/// <param name="Live">The nodes that trust their memory, or may do so.</param>
internal sealed record NodesRead(long Last, IReadOnlyList<NodeRow> Live);

/// <summary>A row of <c>Nodes</c> with everything that people want to know.</summary>
internal sealed record NodeDescription(
    Guid Id, NodeIdentity Identity, DateTime StartedAt, DateTime RenewedAt, bool IsLive, bool IsDraining, long ReadThrough);

/// <param name="Last">The number of the last change at the time of the read.</param>
/// <param name="At">The time of the read, in UTC by the clock of the database.</param>
internal sealed record NodeDescriptions(long Last, DateTime At, IReadOnlyList<NodeDescription> Nodes);

/// <summary>Reads and writes the change log and the list of nodes. Each method is one statement, committed when it returns.</summary>
internal interface INodeStore
{
    /// <summary>Adds a live node.</summary>
    /// <exception cref="DatabaseUnusableException">The database is the target of a copy that isn't complete.</exception>
    Task JoinAsync(NodeIdentity node, Guid id, CancellationToken cancellation);

    /// <summary>Reads the changes after a number.</summary>
    Task<ChangesRead> ReadChangesAsync(long after, CancellationToken cancellation);

    /// <summary>Renews the lease of a node, and says how far it has read.</summary>
    /// <returns>False if the node was declared dead or its row is gone. Nothing has changed then.</returns>
    Task<bool> RenewAsync(Guid id, long readThrough, CancellationToken cancellation);

    /// <summary>Reads the live nodes.</summary>
    Task<NodesRead> ReadNodesAsync(CancellationToken cancellation);

    /// <summary>Declares a node dead, unless it has renewed its lease since.</summary>
    /// <returns>Whether it did.</returns>
    Task<bool> DeclareDeadAsync(Guid id, long renewal, CancellationToken cancellation);

    /// <summary>Says, for people, that a node is about to stop.</summary>
    Task DrainAsync(Guid id, CancellationToken cancellation);

    /// <summary>Ends a node that no longer trusts its memory.</summary>
    Task LeaveAsync(Guid id, CancellationToken cancellation);

    /// <summary>Reads all nodes, for people.</summary>
    Task<NodeDescriptions> ReadAllAsync(CancellationToken cancellation);

    /// <summary>Removes old changes, and nodes that ended long ago.</summary>
    Task PruneAsync(CancellationToken cancellation);
}

/// <summary>What people know of a node.</summary>
/// <param name="Name">The name of the machine and the process ID, which needn't be unique: containers can share both.</param>
/// <param name="Role">What the process does.</param>
/// <param name="Version">Portal's version.</param>
internal sealed record NodeIdentity(string Name, string Role, string Version)
{
    public static NodeIdentity OfThisProcess(ProcessRole role) =>
        new($"{Environment.MachineName}/{Environment.ProcessId}", role.ToString(), typeof(NodeIdentity).Assembly.GetName().Version?.ToString(3) ?? "");
}
