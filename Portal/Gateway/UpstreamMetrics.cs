using System.Diagnostics.Metrics;
using Portal.Catalog;

namespace Portal.Gateway;

/// <summary>The meter <see cref="MeterName"/>: response times and failures of upstreams.</summary>
internal sealed class UpstreamMetrics
{
    public const string MeterName = "Portal.Gateway";

    private const string ModuleTag = "portal.module.id", OutcomeTag = "portal.outcome", ErrorTag = "error.type";

    private readonly TimeProvider _clock;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;

    public UpstreamMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(
            "portal.upstream.duration", "s", "Time until an upstream starts to respond or fails.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] });
        _failures = meter.CreateCounter<long>("portal.upstream.failures", "{request}", "Requests that failed at an upstream, by error code.");
    }

    /// <summary>A timestamp to measure from; 0 if nothing listens.</summary>
    public long Now() => _duration.Enabled ? _clock.GetTimestamp() : 0;

    /// <param name="began">The timestamp at which the request was sent.</param>
    /// <param name="answered">The timestamp at which the response started; 0 if there was none.</param>
    /// <param name="failure">The code of the upstream's failure; null if there was none.</param>
    public void Record(Module module, long began, long answered, string? failure)
    {
        KeyValuePair<string, object?> where = new(ModuleTag, module.Id);
        if (failure is not null)
            _failures.Add(1, where, new KeyValuePair<string, object?>(ErrorTag, failure));
        if (began == 0)
            return;
        var outcome = failure is not null ? "failed" : answered != 0 ? "answered" : "client_left";
        var time = _clock.GetElapsedTime(began, answered != 0 ? answered : _clock.GetTimestamp());
        _duration.Record(time.TotalSeconds, where, new KeyValuePair<string, object?>(OutcomeTag, outcome));
    }
}
