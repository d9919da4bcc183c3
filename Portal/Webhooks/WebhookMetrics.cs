using System.Diagnostics.Metrics;

namespace Portal.Webhooks;

/// <summary>The meter <see cref="MeterName"/>: attempts to send, and what waits.</summary>
public sealed class WebhookMetrics
{
    public const string MeterName = "Portal.Webhooks";

    /// <summary>The outcomes of an attempt.</summary>
    internal const string Delivered = "delivered", Retried = "retried", Failed = "failed";

    private readonly Counter<long> _attempts;
    private long _waiting;
    private double _oldest;

    public WebhookMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _attempts = meter.CreateCounter<long>("portal.webhooks.attempts", "{attempt}", "Attempts to send an event. Failed ones are the last of their delivery.");
        meter.CreateObservableGauge("portal.webhooks.waiting", () => Volatile.Read(ref _waiting), "{delivery}", "Deliveries that wait to be sent, including those that will be tried again.");
        meter.CreateObservableGauge("portal.webhooks.oldest", () => Volatile.Read(ref _oldest), "s", "Age of the oldest waiting delivery.");
    }

    internal void Attempted(string outcome) => _attempts.Add(1, new KeyValuePair<string, object?>("portal.outcome", outcome));

    internal void Counted(long waiting, TimeSpan oldest)
    {
        Volatile.Write(ref _waiting, waiting);
        Volatile.Write(ref _oldest, oldest.TotalSeconds);
    }
}
