using System.Diagnostics.Metrics;
using Portal.Data.Nodes;
using Portal.Tokens;

namespace Portal.Authentication.SharedLimits;

/// <summary>Exchanges the use of rate limits with the store, several times a second. Does nothing without a store.</summary>
public sealed partial class LimitExchange : BackgroundService, ILimitStoreState
{
    /// <summary>The pause between two exchanges.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause is longer by one interval for each of this many buckets that the store returns, to limit the traffic.</summary>
    private const int BucketsPerInterval = 1_000;

    /// <summary>The longest time that a start or a stop waits for the store.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SharedBuckets _buckets;
    private readonly ILimitStore? _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private LimitCorrections _corrections = LimitCorrections.None;
    private long _succeededAt;
    private int _listed;
    private volatile bool _isReachable = true, _failed;

    /// <param name="store">Null: there is none.</param>
    internal LimitExchange(SharedBuckets buckets, ILimitStore? store, IMeterFactory meters, TimeProvider clock, ILogger<LimitExchange> logger)
    {
        (_buckets, _store, _clock, _logger) = (buckets, store, clock, logger);
        _succeededAt = clock.GetTimestamp();
        if (IsOn)
            meters.Create(VerificationMetrics.MeterName).CreateObservableGauge(
                "portal.rate_limits.store.reachable", () => _isReachable ? 1 : 0, description: "1 while the store of the rate limits can be reached.");
    }

    /// <summary>Whether the nodes share the limits through a store.</summary>
    public bool IsOn => _store is not null;

    /// <inheritdoc/>
    public string Name => _store?.Name ?? "";

    /// <summary>Whether the store can be reached. If it can't, each node applies its share of each limit.</summary>
    public bool IsReachable => _isReachable;

    /// <summary>Connects before the first request, but starts without the store if that takes long.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsOn)
            await ExchangePatientlyAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Tells the store about the last requests.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (IsOn && _isReachable)
            await ExchangePatientlyAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsOn && !stoppingToken.IsCancellationRequested)
        {
            await ExchangeAsync(stoppingToken);
            await Task.Delay(Interval * (1 + (_listed / BucketsPerInterval)), _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Tells the store what this node has admitted, and reads what others have.</summary>
    /// <returns>Whether that succeeded.</returns>
    internal async Task<bool> ExchangeAsync(CancellationToken cancellation = default)
    {
        try
        {
            // After a failure, the first exchange only reads, because what is drained for an exchange that fails is lost.
            var time = _failed ? null : _buckets.StoreTime;
            var spent = _failed ? [] : _buckets.Drain();
            var answer = await _store!.ExchangeAsync(time, spent, _corrections, cancellation);
            _corrections = _buckets.Learn(answer, spent, mayBeEmpty: _failed);
            _listed = answer.Used.Count;
            Succeed();
            return true;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Fail(exception);
            return false;
        }
    }

    /// <summary>Runs the commands of an exchange once, and adds nothing.</summary>
    internal Task ProbeAsync(CancellationToken cancellation)
    {
        // No token has this ID.
        Spending nothing = new(new LimitedToken(0, new RateLimit(1, RateUnit.Second)), 0);
        return _store!.ExchangeAsync(null, [nothing], LimitCorrections.None, cancellation);
    }

    private async Task ExchangePatientlyAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await ExchangeAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The next exchange reports the failure.
        }
    }

    private void Succeed()
    {
        _succeededAt = _clock.GetTimestamp();
        _failed = false;
        if (_isReachable)
            return;
        _isReachable = true;
        LogReturned(_logger);
    }

    private void Fail(Exception exception)
    {
        _failed = true;
        if (!_isReachable || _clock.GetElapsedTime(_succeededAt) < SharedBuckets.Patience)
            return;
        _isReachable = false;
        LogLost(_logger, Describe(exception));
    }

    /// <summary>The first sentence: the client adds its whole state.</summary>
    internal static string Describe(Exception exception) => exception.Message.Split(';', '\n')[0].TrimEnd('.', '\r');

    [LoggerMessage(LogLevel.Warning, "The store of the rate limits can't be reached ({Reason}). Until it returns, each node applies its share of each limit")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The store of the rate limits can be reached again")]
    private static partial void LogReturned(ILogger logger);
}
