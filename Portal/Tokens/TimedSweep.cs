using Portal.Data;

namespace Portal.Tokens;

/// <summary>Does something to tokens when its time comes: after the start, at the time that the last sweep named, and after each change of a
/// token.</summary>
public abstract class TimedSweep(TokenChanges changes, MonotonicClock clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), BeforeRetry = TimeSpan.FromMinutes(1), LongestWait = TimeSpan.FromHours(1);

    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _failing;

    /// <summary>For tests: raised when the service starts to wait, with the time when it continues (UTC).</summary>
    internal event Action<DateTime>? Waiting;

    /// <summary>The time by which sweeps decide, UTC. It doesn't follow a clock that jumps ahead.</summary>
    protected DateTime TrustedNow => clock.GetTrustedUtcNow().UtcDateTime;

    /// <summary>Processes everything that is due.</summary>
    /// <returns>When the next is due, UTC; null: never.</returns>
    public abstract Task<DateTime?> SweepAsync(CancellationToken cancellation = default);

    /// <summary>Runs once, before the first sweep.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Tells caches that a token changed.</summary>
    protected void Publish(string handle) => changes.Publish(handle);

    /// <summary>Logs the first of several failures.</summary>
    protected abstract void LogFailed(Exception exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        changes.Changed += Wake;
        try
        {
            await TryAsync(() => PrepareAsync(stoppingToken));
            while (true)
            {
                // A change before this line is included in the next read.
                Volatile.Write(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                DateTime? next = null;
                var done = await TryAsync(async () => next = await SweepAsync(stoppingToken));
                await WaitAsync(done ? next : TrustedNow + BeforeRetry, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest is processed after the next start.
        }
        finally
        {
            changes.Changed -= Wake;
        }
    }

    /// <summary>Waits until a secret ends, or until a change may have created an earlier end.</summary>
    private async Task WaitAsync(DateTime? next, CancellationToken stoppingToken)
    {
        await DelayAsync(Pause, stoppingToken);
        var wait = next is { } end ? end - TrustedNow : LongestWait;
        if (wait <= TimeSpan.Zero)
            return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(DelayAsync(wait < LongestWait ? wait : LongestWait, over.Token), Volatile.Read(ref _woken).Task);
        await over.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
    }

    private Task DelayAsync(TimeSpan time, CancellationToken cancellation)
    {
        var delay = Task.Delay(time, clock, cancellation);
        Waiting?.Invoke(clock.GetUtcNow().UtcDateTime + time);
        return delay;
    }

    private void Wake(string handle) => Volatile.Read(ref _woken).TrySetResult();

    /// <returns>Whether it succeeded.</returns>
    private async Task<bool> TryAsync(Func<Task> sweep)
    {
        try
        {
            await sweep();
            _failing = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Log it once, not every minute.
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }

        return !_failing;
    }
}
