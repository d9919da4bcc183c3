namespace Portal.Data.Nodes;

/// <summary>What a database server does.</summary>
public enum ServerState
{
    /// <summary>It can't be reached, or doesn't answer in time.</summary>
    Unreachable,

    /// <summary>It accepts changes.</summary>
    Primary,

    /// <summary>It follows the primary.</summary>
    Standby,
}

/// <summary>A database server that the configuration names, without anything that is secret.</summary>
/// <param name="Name">Its host and, unless it is the usual one, its port.</param>
/// <param name="ServesKeys">Whether nodes read keys from it, because it is one of the read replicas.</param>
/// <param name="Version">Its version; null if it can't be reached.</param>
/// <param name="Last">The last change that it has; null if it can't be reached.</param>
/// <param name="At">The time of the last commit that it has, by the clock of the primary; null if that is unknown.</param>
internal sealed record ServerRead(string Name, ServerState State, bool ServesKeys, string? Version, long? Last, DateTime? At);

/// <summary>Asks the database servers for their state.</summary>
internal interface IServerReader
{
    /// <summary>Asks each server, and waits for a short time only.</summary>
    Task<IReadOnlyList<ServerRead>> ReadAsync(CancellationToken cancellation);
}

/// <summary>The store through which nodes share the rate limits.</summary>
public interface ILimitStoreState
{
    /// <summary>The servers, without anything that is secret; empty if there is no store.</summary>
    string Name { get; }

    /// <summary>Whether this node can reach it.</summary>
    bool IsReachable { get; }
}
