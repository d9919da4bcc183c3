using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;

namespace Portal.Hosting;

/// <summary>Exports log records and reports whether the collector has confirmed them.</summary>
/// <remarks>A flush of the batch processor doesn't say so, and it can return before the collector has answered.</remarks>
internal sealed class ConfirmingExporter(OtlpLogExporter exporter, TimeSpan patience) : BaseExporter<LogRecord>
{
    /// <summary>The exporter has a time limit itself, so this much longer is never needed.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private int _ended, _confirmed;

    /// <summary>Call it before the first record of a message.</summary>
    public void Begin()
    {
        lock (_gate)
            (_ended, _confirmed) = (0, 0);
    }

    /// <summary>Waits until all records since <see cref="Begin"/> are exported.</summary>
    /// <returns>Whether the collector has confirmed all of them.</returns>
    public bool Wait(int records)
    {
        lock (_gate)
        {
            while (_ended < records)
                if (!Monitor.Wait(_gate, patience + Reserve))
                    return false;
            return _confirmed == records;
        }
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<LogRecord> batch)
    {
        var records = (int)batch.Count;
        var result = exporter.Export(batch);
        lock (_gate)
        {
            _ended += records;
            _confirmed += result == ExportResult.Success ? records : 0;
            Monitor.PulseAll(_gate);
        }

        return result;
    }
}

/// <summary>Gives each record the time of what it describes.</summary>
/// <remarks>An exporter gets the description of this process only from a processor that contains it directly, which is why this one does. It never
/// exports.</remarks>
internal sealed class RecordTime(OtlpLogExporter exporter) : BaseExportProcessor<LogRecord>(exporter)
{
    protected override void OnExport(LogRecord data)
    {
        if (data.Attributes is ITimedRecord record)
            data.Timestamp = record.At;
    }
}

/// <summary>The attributes of a log record about something that happened earlier.</summary>
internal interface ITimedRecord
{
    /// <summary>UTC.</summary>
    DateTime At { get; }
}
