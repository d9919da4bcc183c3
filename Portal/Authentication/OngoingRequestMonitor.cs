using Portal.Wire;

namespace Portal.Authentication;

/// <summary>Ends requests in progress whose token may no longer be used. Several times a second, it reviews each request by the current state of its
/// token, key, address and module.</summary>
/// <remarks>It checks the current state instead of waiting for events, so that it also finds a request that begins while its token changes. A review
/// that reads the database doesn't delay the others. A request that can't be reviewed <see cref="MaximumInconclusiveReviews"/> times in a row ends too: its token
/// may have been disabled meanwhile.</remarks>
internal sealed partial class OngoingRequestMonitor(
    OngoingRequests requests, AccessEvaluator evaluator, TimeProvider clock, ILogger<OngoingRequestMonitor> logger) : BackgroundService
{
    /// <summary>The time between reviews. A request ends within four intervals, and nearly always within one.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Corresponds to five seconds.</summary>
    internal const int MaximumInconclusiveReviews = 25;

    private readonly List<OngoingRequest> _underReview = [];
    private volatile Exception? _failure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Without requests in progress, the monitor doesn't wake up the processor.
            await requests.WhenAny(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Review(stoppingToken);
        }
    }

    /// <summary>Reviews every request once. Does not wait for reviews that read the database.</summary>
    internal void Review(CancellationToken cancellation)
    {
        requests.CopyTo(_underReview);
        foreach (var request in _underReview)
            if (request.IsInReview)
                Doubt(request);
            else
                Review(request, cancellation);
        _underReview.Clear();
        if (_failure is { } failure)
            LogFailed(failure);
        _failure = null;
    }

    private void Review(OngoingRequest request, CancellationToken cancellation)
    {
        var review = evaluator.ReviewAsync(request, cancellation);
        if (review.IsCompletedSuccessfully)
        {
            Conclude(request, review.Result);
            return;
        }

        request.IsInReview = true;
        _ = ConcludeAsync(request, review, cancellation);
    }

    private async Task ConcludeAsync(OngoingRequest request, ValueTask<Refusal?> review, CancellationToken cancellation)
    {
        try
        {
            Conclude(request, await review);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Portal is stopping.
        }
        catch (Exception exception)
        {
            _failure = exception;
            Doubt(request);
        }
        finally
        {
            request.IsInReview = false;
        }
    }

    private void Conclude(OngoingRequest request, Refusal? refusal)
    {
        request.InconclusiveReviews = 0;
        if (refusal is not null)
            requests.End(request, refusal);
    }

    private void Doubt(OngoingRequest request)
    {
        if (++request.InconclusiveReviews >= MaximumInconclusiveReviews)
            requests.End(request, Refusals.NotReviewed);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests in progress could not be checked against their tokens; Portal tries again at once, and ends those that it cannot check for five seconds")]
    private partial void LogFailed(Exception exception);
}
