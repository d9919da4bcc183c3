namespace Portal.Data.Nodes;

/// <summary>Tells the other nodes that there are changes, so that they don't wait for their next regular read.</summary>
/// <remarks>Only the time of a read depends on it. A notification that is lost costs time and nothing else.</remarks>
internal interface IChangeNotifications
{
    /// <summary>Whether this node currently receives the notifications of other nodes.</summary>
    bool IsListening { get; }

    /// <summary>Wakes the followers of the other nodes. Failures are ignored.</summary>
    Task SendAsync(CancellationToken cancellation);
}
