using System.Diagnostics.Tracing;
using System.Globalization;

namespace Portal.Hosting;

/// <summary>Tells in the log when the collector cannot be reached, of which the exporter itself says nothing to anybody.</summary>
internal sealed partial class ExporterErrors(TimeProvider clock, ILogger<ExporterErrors> logger) : EventListener, IHostedService
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    /// <summary>Every export fails while the collector is away: several a minute.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly Lock _telling = new();
    private DateTimeOffset _nextAt;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // From here on, because the base class calls before this one has its fields.
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

    /// <summary>The first line: what follows is where in the exporter it happened.</summary>
    private static string Words(EventWrittenEventArgs told) =>
        string.Format(CultureInfo.InvariantCulture, told.Message ?? told.EventName ?? "", [.. told.Payload ?? []]).AsSpan().EnumerateLines() is var lines && lines.MoveNext()
            ? lines.Current.ToString()
            : "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telemetry:Otlp: Portal could not send data to the collector: {Reason}")]
    private partial void LogFault(string reason);
}
