using System.Diagnostics.Tracing;
using System.Globalization;

namespace Portal.Hosting;

/// <summary>Logs when the collector can't be reached. The exporter itself reports it only to event listeners.</summary>
internal sealed partial class ExporterErrors(TimeProvider clock, ILogger<ExporterErrors> logger) : EventListener, IHostedService
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    /// <summary>The minimum time between warnings: while the collector is away, several exports fail each minute.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly Lock _telling = new();
    private DateTimeOffset _nextAt;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Registered here, because the base class calls its method before this class has its fields.
        EventSourceCreated += (_, created) => Listen(created.EventSource);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name != Exporter)
            return;
        lock (_telling)
        {
            var now = clock.GetUtcNow();
            if (now < _nextAt)
                return;
            _nextAt = now + Silence;
        }

        LogFault(Words(eventData));
    }

    private void Listen(EventSource? source)
    {
        if (source?.Name == Exporter)
            EnableEvents(source, EventLevel.Warning);
    }

    /// <summary>The first line. The rest is a stack trace of the exporter.</summary>
    private static string Words(EventWrittenEventArgs told) =>
        string.Format(CultureInfo.InvariantCulture, told.Message ?? told.EventName ?? "", [.. told.Payload ?? []]).AsSpan().EnumerateLines() is var lines && lines.MoveNext()
            ? lines.Current.ToString()
            : "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telemetry:Otlp: Portal could not send data to the collector: {Reason}")]
    private partial void LogFault(string reason);
}
