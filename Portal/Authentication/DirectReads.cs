using Portal.Data;

namespace Portal.Authentication;

/// <summary>Reads a database server for requests that can't be judged by the memory, without letting them wait for a server that doesn't answer.</summary>
/// <remarks>After a failure, one request at a time tries again. The others are refused at once until a read succeeds, so that a proxy can
/// send them to another node.</remarks>
public sealed class DirectReads(TimeProvider clock)
{
    /// <summary>The longest time that a request waits for the database.</summary>
    internal static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(3);

    private volatile bool _isUnreachable;
    private int _isTrying;

    /// <exception cref="DatabaseSilentException">The server doesn't answer, or another request finds out whether it does again.</exception>
    internal async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> read, CancellationToken cancellation)
    {
        var isTry = _isUnreachable;
        if (isTry && Interlocked.Exchange(ref _isTrying, 1) != 0)
            throw new DatabaseSilentException();
        try
        {
            var result = await LimitAsync(read, cancellation);
            _isUnreachable = false;
            return result;
        }
        catch (Exception exception) when (DatabaseErrors.Find(exception) == DatabaseFault.Unreachable)
        {
            _isUnreachable = true;
            throw;
        }
        finally
        {
            if (isTry)
                Volatile.Write(ref _isTrying, 0);
        }
    }

    /// <summary>Doesn't wait for the cancellation either: to cancel a statement, the provider connects to the server, which can take longer than the
    /// statement may.</summary>
    private async Task<T> LimitAsync<T>(Func<CancellationToken, ValueTask<T>> read, CancellationToken cancellation)
    {
        var limit = new CancellationTokenSource(LongestRead, clock);
        var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var reading = read(either.Token).AsTask();
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
