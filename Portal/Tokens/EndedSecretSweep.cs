using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Tokens;

/// <summary>Records the end of secrets that expire or whose overlap ends, and removes their encrypted copies.
/// With <c>Tokens:Reveal=Once</c>, it also removes the copies that were stored before.</summary>
/// <remarks>A recorded end is permanent, so it depends only on the trusted time. Keys are refused at their end even if it isn't recorded yet.</remarks>
public sealed partial class EndedSecretSweep(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, TokenChanges changes, IOptions<TokenOptions> options, MonotonicClock clock,
    ILogger<EndedSecretSweep> logger) : BackgroundService
{
    /// <summary>Rows per statement, which keeps the database locked for a few milliseconds only.</summary>
    internal const int RowsAtOnce = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), BeforeRetry = TimeSpan.FromMinutes(1), LongestWait = TimeSpan.FromHours(1);

    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _failing;

    /// <summary>For tests: raised when the service starts to wait, with the time when it continues (UTC).</summary>
    internal event Action<DateTime>? Waiting;

    /// <summary>Processes all secrets that are due.</summary>
    /// <returns>When the next secret ends, UTC; null: no secret will end.</returns>
    public async Task<DateTime?> SweepAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var now = clock.GetTrustedUtcNow().UtcDateTime;
            var next = await EndedSecretStore.NextEndAsync(context, cancellation);
            if (next is null || next > now)
                return next;
            await writes.RunUpkeepAsync(token => EndedSecretStore.EndAsync(context, now, RowsAtOnce, token), cancellation);
        }
    }

    /// <summary>Removes every encrypted copy if the configuration doesn't allow showing keys again.</summary>
    public async Task RemoveCopiesAsync(CancellationToken cancellation = default)
    {
        if (options.Value.Reveal != RevealPolicy.Once)
            return;
        for (long after = 0; ;)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellation);
            var found = await EndedSecretStore.FindCopiesAsync(context, after, RowsAtOnce, cancellation);
            if (found.Count == 0)
                return;
            await writes.RunUpkeepAsync(token => EndedSecretStore.RemoveCopiesAsync(context, found[0], found[^1], token), cancellation);
            after = found[^1];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        changes.Changed += Wake;
        try
        {
            await TryAsync(() => RemoveCopiesAsync(stoppingToken));
            while (true)
            {
                // A change before this line is included in the next read.
                Volatile.Write(ref _woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                DateTime? next = null;
                var done = await TryAsync(async () => next = await SweepAsync(stoppingToken));
                await WaitAsync(done ? next : clock.GetTrustedUtcNow().UtcDateTime + BeforeRetry, stoppingToken);
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
        var wait = next is { } end ? end - clock.GetTrustedUtcNow().UtcDateTime : LongestWait;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The encrypted copies of ended keys could not be removed; Portal retries every minute")]
    private partial void LogFailed(Exception exception);
}
