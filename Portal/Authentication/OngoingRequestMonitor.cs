namespace Portal.Authentication;

/// <summary>Ends requests that passed the gate and may not go on: several times a second, each is judged again by what is
/// true then of its token, key, address and module.</summary>
/// <remarks>It looks at the present state and waits for no event, so that a request that begins while its token changes is
/// found as well.</remarks>
internal sealed partial class OngoingRequestMonitor(
    OngoingRequests requests, Gatekeeper gatekeeper, TimeProvider clock, ILogger<OngoingRequestMonitor> logger) : BackgroundService
{
    /// <summary>A request ends within four of these; nearly always within one.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly List<OngoingRequest> _underReview = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ReviewAsync(stoppingToken);
        }
    }

    private async Task ReviewAsync(CancellationToken cancellation)
    {
        requests.CopyTo(_underReview);
        Exception? failure = null;
        foreach (var request in _underReview)
            try
            {
                if (await gatekeeper.ReviewAsync(request, cancellation) is { } refusal)
                    requests.End(request, refusal);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                failure = exception;
            }

        _underReview.Clear();
        if (failure is not null)
            LogFailed(failure);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests in progress could not be checked against their tokens; Portal tries again at once")]
    private partial void LogFailed(Exception exception);
}
