namespace Portal.Data;

/// <summary>Counts failures of all nodes together, in leaky buckets. Only a database that several nodes share has it.</summary>
public interface ISharedFailures
{
    /// <summary>Counts a failure before its outcome is known.</summary>
    /// <param name="key">Identifies the bucket.</param>
    /// <param name="limit">The number of failures that the bucket holds, and that drain within the window.</param>
    Task<FailureTake> TryTakeAsync(UInt128 key, int limit, TimeSpan window, CancellationToken cancellation = default);

    /// <summary>Undoes <see cref="TryTakeAsync"/>, because the attempt didn't fail.</summary>
    Task GiveBackAsync(UInt128 key, int limit, TimeSpan window, CancellationToken cancellation = default);
}

/// <param name="RetryAfter">The time until the bucket has space again. Then nothing was counted. Null: it was counted.</param>
/// <param name="IsFull">Whether the next attempt would be refused.</param>
public readonly record struct FailureTake(TimeSpan? RetryAfter, bool IsFull);
