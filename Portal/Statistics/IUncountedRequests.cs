namespace Portal.Statistics;

/// <summary>Requests that aren't counted while they are served. The part that serves requests implements this.</summary>
public interface IUncountedRequests
{
    /// <summary>Counts the requests so far. Not thread-safe.</summary>
    /// <returns>False if the database couldn't be read. The rest is kept for the next time.</returns>
    ValueTask<bool> CountAsync(CancellationToken cancellation);
}
