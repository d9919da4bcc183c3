using System.Diagnostics.Metrics;

namespace Portal.Statistics;

/// <summary>The meter <see cref="MeterName"/>: whether the statistics keep up with the requests.</summary>
public sealed class FlushMetrics
{
    public const string MeterName = "Portal.Statistics";

    private static readonly KeyValuePair<string, object?> Written = new("portal.outcome", "written"), Refused = new("portal.outcome", "refused");

    private static readonly KeyValuePair<string, object?> Sent = new("portal.outcome", "sent"), Failed = new("portal.outcome", "failed"), NoRoom = new("portal.outcome", "dropped");

    private readonly TimeProvider _clock;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _dropped, _exported;
    private long _inBatch, _completeAt;
    private volatile bool _failing;

    public FlushMetrics(IMeterFactory meters, RequestCounters counters, TimeProvider clock)
    {
        (_clock, _completeAt) = (clock, clock.GetTimestamp());
        var meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(
            "portal.statistics.flush.duration", "s", "Duration of writing the counts to the database.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _dropped = meter.CreateCounter<long>(
            "portal.statistics.dropped", "{request}", "Requests that were counted without details because too many counts were waiting for the database.");
        _exported = meter.CreateCounter<long>(
            "portal.requests.export", "{request}", "Requests that were sent to the collector, that it did not take, or that were dropped because too many were waiting.");
        long Queue() => counters.Waiting + Volatile.Read(ref _inBatch);
        meter.CreateObservableUpDownCounter("portal.statistics.queue", Queue, "{request}", "Requests that are counted but not yet stored in the database.");
        meter.CreateObservableGauge("portal.statistics.lag", () => Queue() == 0 ? 0 : Lag(), "s", "Maximum age of the oldest count that is not yet stored.");
        meter.CreateObservableGauge("portal.statistics.failing", () => _failing ? 1 : 0, description: "1 while the database refuses the counts.");
    }

    /// <param name="requests">The number of requests that the writer has taken over but not written.</param>
    internal void Waiting(long requests) => Volatile.Write(ref _inBatch, requests);

    internal void Dropped(long requests) => _dropped.Add(requests);

    /// <param name="sent">Whether the collector took them.</param>
    internal void Exported(long requests, bool sent) => _exported.Add(requests, sent ? Sent : Failed);

    /// <summary>Counts a request that isn't exported because too many wait.</summary>
    internal void NotExported() => _exported.Add(1, NoRoom);

    /// <summary>Call it when the counts to write have been taken.</summary>
    /// <returns>The state to pass when the flush ends.</returns>
    internal long Begin(CountBatch batch)
    {
        var now = _clock.GetTimestamp();
        Waiting(batch.Requests);
        if (batch.IsEmpty)
            Volatile.Write(ref _completeAt, now);
        return now;
    }

    /// <param name="waiting">The number of requests that are still to be written.</param>
    internal void End(long began, bool written, long waiting)
    {
        _failing = !written;
        _duration.Record(_clock.GetElapsedTime(began).TotalSeconds, written ? Written : Refused);
        Waiting(waiting);
        if (!written)
            return;
        Volatile.Write(ref _completeAt, began);
    }

    /// <summary>The maximum age of waiting counts: they are newer than the last complete flush.</summary>
    private double Lag() => _clock.GetElapsedTime(Volatile.Read(ref _completeAt)).TotalSeconds;
}
