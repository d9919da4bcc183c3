using System.Collections.Concurrent;

namespace Portal.Tokens.Reading;

/// <summary>Keeps results for an account that took long to read, and reads them again in the background, so that they take a small share of a
/// processor and nobody waits for them.</summary>
/// <param name="read">Reads the result for an account.</param>
/// <param name="failed">Is told about an error in the background.</param>
internal sealed class SlowResults<T>(TimeProvider clock, Func<string, CancellationToken, Task<T>> read, Action<Exception> failed)
{
    /// <summary>Results that took less are never kept.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    /// <summary>Older results aren't used any more.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(1);

    /// <summary>How many times as long as it took to read it a result is current.</summary>
    private const int Rest = 20;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>Returns a result that is current, or at most a minute old if it took long.</summary>
    public async Task<T> GetAsync(string account, CancellationToken cancellation)
    {
        if (!_kept.TryGetValue(account, out var kept) || clock.GetElapsedTime(kept.At) is var age && age > Oldest)
            return await ReadAsync(account, cancellation);
        if (age > kept.Took * Rest && kept.TryRefresh())
            _ = Task.Run(() => RefreshAsync(account), CancellationToken.None);
        return kept.Result;
    }

    private async Task RefreshAsync(string account)
    {
        try
        {
            await ReadAsync(account, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _kept.TryRemove(account, out _);
            failed(exception);
        }
    }

    private async Task<T> ReadAsync(string account, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var result = await read(account, cancellation);
        var now = clock.GetTimestamp();
        var took = clock.GetElapsedTime(began, now);
        if (took > Short)
            _kept[account] = new Kept(result, now, took);
        else
            _kept.TryRemove(account, out _);
        return result;
    }

    /// <param name="At">A timestamp of the clock.</param>
    private sealed record Kept(T Result, long At, TimeSpan Took)
    {
        private int _refreshing;

        /// <summary>Whether the caller is the first who wants a new result.</summary>
        public bool TryRefresh() => Interlocked.Exchange(ref _refreshing, 1) == 0;
    }
}
