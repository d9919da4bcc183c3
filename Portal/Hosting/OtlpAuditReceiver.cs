using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using Portal.Audit.Streaming;

namespace Portal.Hosting;

/// <summary>Sends audit entries to the collector as log records, and reports whether it has confirmed them.</summary>
/// <remarks>It has an exporter of its own: the one for Portal's log keeps quiet about failures, and drops what it can't send.</remarks>
internal sealed class OtlpAuditReceiver : IAuditReceiver, IDisposable
{
    /// <summary>The name of the scope, by which a collector tells these records from those of Portal's log.</summary>
    internal const string ScopeName = "Portal.Audit.Stream";

    private readonly ConfirmingExporter _exporter;
    private readonly BatchLogRecordExportProcessor _processor;
    private readonly ILoggerFactory _factory;
    private readonly ILogger _logger;

    public OtlpAuditReceiver(IOptions<TelemetryOptions> options)
        : this(options, null)
    {
    }

    /// <param name="patience">How long the collector may take to answer; null: what OTEL_EXPORTER_OTLP_TIMEOUT says, or 10 seconds.</param>
    internal OtlpAuditReceiver(IOptions<TelemetryOptions> options, TimeSpan? patience)
    {
        var settings = new OtlpExporterOptions();
        TelemetryExtensions.Address(settings, options.Value.Otlp, "logs");
        if (patience is { } longest)
            settings.TimeoutMilliseconds = (int)longest.TotalMilliseconds;
        var exporter = new OtlpLogExporter(settings);
        _exporter = new ConfirmingExporter(exporter, TimeSpan.FromMilliseconds(settings.TimeoutMilliseconds));
        // It exports when it is told to.
        _processor = new BatchLogRecordExportProcessor(_exporter, maxQueueSize: AuditStream.EntriesAtOnce * 2, scheduledDelayMilliseconds: int.MaxValue, maxExportBatchSize: AuditStream.EntriesAtOnce * 2);
        _factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(telemetry =>
        {
            var resource = ResourceBuilder.CreateDefault();
            TelemetryExtensions.Describe(resource);
            telemetry.SetResourceBuilder(resource).AddProcessor(new RecordTime(exporter)).AddProcessor(_processor);
        }));
        _logger = _factory.CreateLogger(ScopeName);
    }

    public async Task<bool> SendAsync(IReadOnlyList<StreamedEntry> entries, CancellationToken cancellation)
    {
        // The exporter blocks its thread until the collector has answered or its timeout has passed.
        return await Task.Run(() => Send(entries), cancellation).WaitAsync(cancellation);
    }

    public void Dispose() => _factory.Dispose();

    private bool Send(IReadOnlyList<StreamedEntry> entries)
    {
        _exporter.Begin();
        foreach (var entry in entries)
            _logger.Log(entry.IsRefusal ? LogLevel.Warning : LogLevel.Information, new EventId(0, entry.Action), new EntryRecord(entry), null, (record, _) => record.Entry.Body);
        return _processor.ForceFlush() && _exporter.Wait(entries.Count);
    }

    /// <summary>The attributes of a log record.</summary>
    private sealed class EntryRecord(StreamedEntry entry) : List<KeyValuePair<string, object?>>(AttributesOf(entry)), ITimedRecord
    {
        public StreamedEntry Entry => entry;

        public DateTime At => entry.At;

        private static IEnumerable<KeyValuePair<string, object?>> AttributesOf(StreamedEntry entry)
        {
            yield return new("portal.audit.id", entry.Id);
            if (entry.Hash is not null)
                yield return new("portal.audit.hash", entry.Hash);
            yield return new("ocsf.class_uid", entry.ClassUid);
        }
    }
}
