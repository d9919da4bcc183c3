namespace Portal.Data.Nodes;

/// <summary>The number of processes that serve the same installation.</summary>
public interface INodeCount
{
    /// <summary>The nodes that are alive, including this one; at least 1.</summary>
    int Live { get; }

    /// <summary>The nodes among them that serve requests with keys, and so share the rate limits; at least 1.</summary>
    int ServingKeys { get; }
}
