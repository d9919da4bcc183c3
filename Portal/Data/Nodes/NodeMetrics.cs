using System.Diagnostics.Metrics;

namespace Portal.Data.Nodes;

/// <summary>The meter <see cref="MeterName"/>: whether this node keeps up with the changes of all nodes.</summary>
internal sealed class NodeMetrics
{
    public const string MeterName = "Portal.Nodes";

    private readonly Histogram<double> _confirmation;
    private readonly Counter<long> _replicaReads;
    private long _behind;

    public NodeMetrics(IMeterFactory meters, INodeCount nodes, NodeLease lease, IChangeNotifications notifications)
    {
        var meter = meters.Create(MeterName);
        _confirmation = meter.CreateHistogram(
            "portal.nodes.confirmation.duration", "s", "Time from the commit of a change until it is in force on all nodes.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _replicaReads = meter.CreateCounter<long>("portal.nodes.replica.reads", "{read}", "Reads of keys from the standby server, and whether its data was current.");
        meter.CreateObservableUpDownCounter("portal.nodes.live", () => nodes.Live, "{node}", "Nodes that share the database.");
        meter.CreateObservableGauge("portal.nodes.behind", () => Volatile.Read(ref _behind), "{change}", "Changes that this node found when it last read the change log.");
        meter.CreateObservableGauge(
            "portal.nodes.notified", () => notifications.IsListening ? 1 : 0, description: "1 while this node is notified of the changes of others, otherwise 0.");
        meter.CreateObservableGauge("portal.nodes.lease", () => (lease.Remaining ?? TimeSpan.Zero).TotalSeconds, "s", "Time for which this node may still trust its memory.");
        meter.CreateObservableGauge("portal.nodes.untrusted", () => lease.IsTrusted ? 0 : 1, description: "1 while this node reads the database for each request.");
    }

    internal void Confirmed(TimeSpan duration) => _confirmation.Record(duration.TotalSeconds);

    /// <param name="current">Whether the answer could be used.</param>
    internal void ReadReplica(bool current) => _replicaReads.Add(1, new KeyValuePair<string, object?>("current", current));

    internal void Read(long changes) => Volatile.Write(ref _behind, changes);
}
