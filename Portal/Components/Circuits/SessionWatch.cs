using Portal.Access;

namespace Portal.Components.Circuits;

/// <summary>Compares the open circuits with the database every two seconds, so that a session also ends when another process, or
/// nobody but the clock, ended it.</summary>
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
                // Services check the session too, so nothing is done for anybody meanwhile. Told once, and not every two seconds.
                if (!failing)
                    LogCheckFailed(exception);
                failing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of open pages could not be checked; Portal retries every two seconds")]
    private partial void LogCheckFailed(Exception exception);
}
