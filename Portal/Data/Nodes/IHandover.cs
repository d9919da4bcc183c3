namespace Portal.Data.Nodes;

/// <summary>Work of this node that others continue when it stops.</summary>
public interface IHandover
{
    /// <summary>Hands the work over.</summary>
    /// <param name="cancellation">Ends the wait for what isn't handed over yet.</param>
    Task HandOverAsync(CancellationToken cancellation);
}
