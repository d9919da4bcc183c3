namespace Portal.Tokens;

/// <summary>Removes expired responses in the background: soon after the start, and then every hour.</summary>
public sealed partial class IdempotentResponsesPruner(
    IdempotentResponses calls, TimeProvider clock, ILogger<IdempotentResponsesPruner> logger) : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(2), Between = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = AfterStart; ; pause = Between)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Portal is stopping. The rest is removed later.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            await calls.PruneAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired idempotent responses could not be removed; Portal retries in an hour")]
    private partial void LogFailed(Exception exception);
}
