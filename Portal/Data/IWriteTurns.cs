namespace Portal.Data;

/// <summary>Lets the changes of all processes take turns, so that each of them can rely on what it has read. Registered only if several processes can
/// share the database.</summary>
public interface IWriteTurns
{
    /// <summary>Waits until no other process makes a change.</summary>
    /// <returns>The turn, which ends when it is disposed.</returns>
    Task<WriteTurn> BeginAsync(CancellationToken cancellation);
}

/// <summary>The turn of a change. The other processes make no changes until it is disposed.</summary>
/// <param name="number">The number of changes of all processes so far.</param>
/// <param name="end">Lets the next process have its turn. Doesn't throw.</param>
public sealed class WriteTurn(long number, Func<ValueTask> end) : IAsyncDisposable
{
    private long _number = number;

    /// <summary>Whether the turn still holds for a transaction that has just begun: a process that pauses for too long loses it.</summary>
    /// <param name="next">The number of the transaction.</param>
    internal bool Holds(long next) => next == _number + 1;

    /// <summary>Records that a transaction of this turn was committed.</summary>
    internal void Committed() => _number++;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => end();
}
