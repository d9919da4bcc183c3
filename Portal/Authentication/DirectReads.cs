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
            var result = await LimitedRead.RunAsync(token => read(token).AsTask(), LongestRead, clock, cancellation);
            _isUnreachable = false;
            return result;
        }
        catch (Exception exception) when (DatabaseErrors.Find(exception) is { IsWithoutConnection: true })
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
}
