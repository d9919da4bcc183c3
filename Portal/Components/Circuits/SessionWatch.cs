using Portal.Access;

namespace Portal.Components.Circuits;

/// <summary>Compares the open circuits with the database every two seconds, so that a session also ends if another process ended it or it
/// expired.</summary>
internal sealed partial class SessionWatch(CircuitRegistry circuits, TimeProvider clock, ILogger<SessionWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(UserStates.MaximumAge, clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await circuits.EndStaleAsync(stoppingToken);
                failing = false;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Services check the session too, so no action is possible meanwhile. Logged once, not every two seconds.
                if (!failing)
                    LogCheckFailed(exception);
                failing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of open pages could not be checked; Portal retries every two seconds")]
    private partial void LogCheckFailed(Exception exception);
}
