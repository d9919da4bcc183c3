namespace Portal.Data;

/// <summary>Reads a database server without waiting for one that doesn't answer.</summary>
internal static class LimitedRead
{
    /// <remarks>Doesn't wait for the cancellation of the read either: to cancel a statement, the provider connects to the server, which can take longer than
    /// the statement may.</remarks>
    /// <param name="longest">The longest time that the caller waits.</param>
    /// <exception cref="DatabaseSilentException">The server didn't answer in time.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> read, TimeSpan longest, TimeProvider clock, CancellationToken cancellation)
    {
        var limit = new CancellationTokenSource(longest, clock);
        var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var reading = read(either.Token);
        try
        {
            return await reading.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DatabaseSilentException();
        }
        finally
        {
            _ = reading.ContinueWith(
                ended =>
                {
                    // Nobody else looks at the failure of a read that took too long.
                    _ = ended.Exception;
                    either.Dispose();
                    limit.Dispose();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
