namespace Portal.Data.Nodes;

/// <summary>Ends a pause early. A call of <see cref="Raise"/> between two pauses ends the next one.</summary>
internal sealed class Wakeup(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0, 1);
    private readonly Lock _lock = new();

    public void Raise()
    {
        lock (_lock)
            if (_raised.CurrentCount == 0)
                _raised.Release();
    }

    /// <summary>Waits until the time has passed or <see cref="Raise"/> is called.</summary>
    public async Task PauseAsync(TimeSpan time, CancellationToken cancellation)
    {
        using var passed = new CancellationTokenSource(time, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, passed.Token);
        await _raised.WaitAsync(ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _raised.Dispose();
}
