using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using Portal.Statistics.Export;

namespace Portal.Hosting.RequestLogs;

/// <summary>Sends requests to the collector as log records.</summary>
/// <remarks>They have a queue of their own: that of Portal's log holds 2,048 records, and drops further ones without counting them. A batch is sent before
/// the next one is taken, so the outcome of each is known.</remarks>
internal sealed class RequestLogSender : BackgroundService
{
    /// <summary>The name of the scope of the records.</summary>
    public const string ScopeName = "Portal.Requests";

    /// <summary>The maximum number of records in a batch.</summary>
    private const int Most = 512;

    /// <summary>The time in which requests are collected for a batch, unless there are enough for one.</summary>
    private static readonly TimeSpan Collecting = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest time that a stop waits for the collector.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly RequestExport _requests;
    private readonly TimeProvider _clock;
    private readonly ConfirmingExporter _exporter;
    private readonly BaseExportProcessor<LogRecord> _sender;
    private readonly ILoggerFactory _logging;
    private readonly ILogger _log;

    public RequestLogSender(RequestExport requests, OtlpExporterOptions collector, ResourceBuilder resource, TimeProvider clock)
    {
        (_requests, _clock) = (requests, clock);
        var exporter = new OtlpLogExporter(collector);
        _exporter = new ConfirmingExporter(exporter, TimeSpan.FromMilliseconds(collector.TimeoutMilliseconds));
        _sender = new BatchLogRecordExportProcessor(_exporter, 2 * Most, scheduledDelayMilliseconds: int.MaxValue, maxExportBatchSize: Most);
        _logging = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(resource).AddProcessor(new RecordTime(exporter)).AddProcessor(_sender);
        }));
        _log = _logging.CreateLogger(ScopeName);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        for (var since = _clock.GetTimestamp(); _requests.Waiting > 0 && _clock.GetElapsedTime(since) < LongestEnd;)
            await SendAsync();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _logging.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _requests.WaitAsync(stoppingToken);
                if (_requests.Waiting < Most)
                    await Task.Delay(Collecting, _clock, stoppingToken);
                await SendAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; StopAsync sends the rest.
        }
    }

    /// <summary>Sends a batch on a thread of its own: the exporter blocks it, and the requests need those of the pool.</summary>
    private Task SendAsync() => Task.Factory.StartNew(Send, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Send()
    {
        var taken = _requests.Take(Most);
        _exporter.Begin();
        foreach (var request in taken)
            _log.Log(LogLevel.Information, default, new RequestLogEntry(request), null, (entry, _) => entry.ToString());
        _requests.Conclude(taken.Count, _sender.ForceFlush() && _exporter.Wait(taken.Count));
    }
}
