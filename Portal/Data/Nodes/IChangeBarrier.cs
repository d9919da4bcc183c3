namespace Portal.Data.Nodes;

/// <summary>How far a change is in force.</summary>
/// <param name="Confirmed">The number of live nodes that have applied it.</param>
/// <param name="Nodes">The number of live nodes.</param>
public readonly record struct ChangeProgress(int Confirmed, int Nodes);

/// <summary>A node that may still act by the state before a change.</summary>
/// <param name="Name">Null: Portal can't read which nodes there are.</param>
/// <param name="Until">The latest time, in UTC.</param>
public sealed record UnconfirmedNode(string? Name, DateTime Until);

/// <summary>Waits after a change until no node judges requests by the state before it. Registered only if several processes can share the
/// database.</summary>
public interface IChangeBarrier
{
    /// <summary>Waits for a change that this process has committed. Takes at most a lease.</summary>
    /// <param name="progress">Is told each time when the numbers have changed; null if nobody watches.</param>
    /// <returns>The nodes that may still act by the state before the change; nearly always empty.</returns>
    Task<IReadOnlyList<UnconfirmedNode>> WaitAsync(IProgress<ChangeProgress>? progress);

    /// <summary>Whether the database hasn't answered this node for longer than a lease.</summary>
    bool IsDatabaseSilent { get; }
}
