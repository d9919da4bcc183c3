using System.Diagnostics.Metrics;

namespace Portal.Audit.Streaming;

/// <summary>The meter <see cref="MeterName"/>: how far the audit log has been sent to the collector.</summary>
public sealed class AuditStreamMetrics
{
    public const string MeterName = "Portal.Audit";

    private readonly Counter<long> _entries;
    private long _waiting;
    private double _oldest;
    private volatile int _failing;

    public AuditStreamMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _entries = meter.CreateCounter<long>("portal.audit.stream.entries", "{entry}", "Audit entries that the collector has confirmed.");
        meter.CreateObservableGauge("portal.audit.stream.waiting", () => Volatile.Read(ref _waiting), "{entry}", "Audit entries that the collector hasn't confirmed yet.");
        meter.CreateObservableGauge("portal.audit.stream.oldest", () => Volatile.Read(ref _oldest), "s", "Age of the oldest of them.");
        meter.CreateObservableGauge("portal.audit.stream.failing", () => _failing, description: "1 while the collector doesn't confirm what this node sends.");
    }

    internal void Waiting(long entries, TimeSpan oldest)
    {
        Volatile.Write(ref _waiting, entries);
        Volatile.Write(ref _oldest, Math.Max(0, oldest.TotalSeconds));
        // Another node may have sent what this one couldn't.
        if (entries == 0)
            _failing = 0;
    }

    internal void Sent(int entries)
    {
        _entries.Add(entries);
        _failing = 0;
    }

    internal void Failed() => _failing = 1;
}
