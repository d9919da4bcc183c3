using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Portal.Accounts;
using Portal.Audit;
using Portal.Audit.Streaming;
using Portal.Authentication;
using Portal.Data.Nodes;
using Portal.Gateway;
using Portal.Hosting.RequestLogs;
using Portal.Notices;
using Portal.Statistics;
using Portal.Statistics.Export;
using Portal.Webhooks;

namespace Portal.Hosting;

/// <summary>Adds health checks, and the metrics, traces and structured logs that the section <c>Telemetry</c> configures.</summary>
/// <remarks>Without configuration, nothing is collected, and recording only checks a flag.</remarks>
public static class TelemetryExtensions
{
    private const string ServiceName = "portal";

    /// <summary>The framework's meters for requests, sign-in and circuits. Other meters create a series for every component.</summary>
    private static readonly string[] FrameworkMeters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.Authentication", "Microsoft.AspNetCore.Identity", "Microsoft.AspNetCore.Components.Server.Circuits",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.AddHealth();
        builder.Services.AddOptions<TelemetryOptions>().Configure<IConfiguration>(Bind).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryValidator>();
        var options = new TelemetryOptions();
        Bind(options, builder.Configuration);
        // The start will fail and report the error.
        if (new TelemetryValidator(builder.Configuration).Validate(null, options).Failed)
            return;
        if (options.Logs == LogFormat.Json)
            AddJsonLines(builder.Logging);
        Collect(builder, options);
    }

    public static void MapTelemetry(this IEndpointRouteBuilder app)
    {
        app.MapHealth();
        var options = app.ServiceProvider.GetRequiredService<IOptions<TelemetryOptions>>().Value;
        if (options.Prometheus.Enabled)
            app.MapScraping(options.Prometheus);
        else
            app.MapNoScraping();
    }

    private static void Bind(TelemetryOptions options, IConfiguration configuration) =>
        configuration.GetSection(TelemetryOptions.SectionName).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);

    private static void AddJsonLines(ILoggingBuilder logging) => logging.AddJsonConsole(console =>
    {
        // The request's id is in a scope.
        (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
    });

    private static void Collect(WebApplicationBuilder builder, TelemetryOptions options)
    {
        var sends = options.Otlp.Endpoint.Length > 0 || !string.IsNullOrEmpty(builder.Configuration[TelemetryValidator.StandardEndpoint]);
        if (!sends && !options.Prometheus.Enabled)
            return;
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(VerificationMetrics.MeterName, UpstreamMetrics.MeterName, FlushMetrics.MeterName, NodeMetrics.MeterName, WebhookMetrics.MeterName, NoticeMetrics.MeterName, AuditStreamMetrics.MeterName);
            metrics.AddMeter(FrameworkMeters).AddHttpClientInstrumentation().AddRuntimeInstrumentation();
            if (sends)
                metrics.AddOtlpExporter(otlp => Address(otlp, options.Otlp, "metrics"));
            if (options.Prometheus.Enabled)
                metrics.AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0);
        });
        if (!sends)
            return;
        telemetry.WithTracing(traces => AddTraces(traces).AddOtlpExporter(otlp => Address(otlp, options.Otlp, "traces")));
        telemetry.WithLogging(
            logs => logs.AddOtlpExporter(otlp => Address(otlp, options.Otlp, "logs")),
            logs => (logs.IncludeFormattedMessage, logs.IncludeScopes) = (true, true));
        // The setup code is written only to the console.
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(typeof(FirstRun).FullName, LogLevel.None);
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(typeof(ExporterErrors).FullName, LogLevel.None);
        builder.Services.AddHostedService<ExporterErrors>();
        if (TelemetryValidator.StreamsAudit(builder.Configuration))
            builder.Services.AddAuditStream<OtlpAuditReceiver>();
        builder.Services.Configure<UpstreamTracing>(tracing => tracing.Enabled = true);
        if (options.Requests.Enabled)
            ExportRequests(builder.Services, options);
    }

    private static void ExportRequests(IServiceCollection services, TelemetryOptions options)
    {
        services.Configure<RequestExportOptions>(export => (export.Enabled, export.Ratio, export.Addresses) = (true, options.Requests.Ratio, options.Requests.Addresses));
        services.AddHostedService(provider =>
        {
            var collector = new OtlpExporterOptions();
            Address(collector, options.Otlp, "logs");
            var resource = ResourceBuilder.CreateDefault();
            Describe(resource);
            return new RequestLogSender(provider.GetRequiredService<RequestExport>(), collector, resource, provider.GetRequiredService<TimeProvider>());
        });
    }

    /// <summary>OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES take precedence.</summary>
    internal static void Describe(ResourceBuilder resource) => resource
        .AddService(ServiceName, serviceVersion: typeof(TelemetryExtensions).Assembly.GetName().Version?.ToString(3))
        .AddEnvironmentVariableDetector();

    /// <summary>Adds traces of requests and of Portal's work for them, except for health checks, scrapers and the connection that a page keeps
    /// open.</summary>
    private static TracerProviderBuilder AddTraces(TracerProviderBuilder traces) => traces
        .AddSource(VerificationTrace.SourceName)
        .AddAspNetCoreInstrumentation(requests =>
        {
            requests.Filter = context =>
                !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments(PrometheusEndpoint.Path)
                && !context.Request.Path.StartsWithSegments("/_blazor")
                // Its address contains a secret.
                && !context.Request.Path.StartsWithSegments("/calendar");
            // A key that a client puts into the path must not reach the collector.
            requests.EnrichWithHttpRequest = (activity, request) => activity.SetTag("url.path", RecentRequest.Clean(request.Path.Value, RecentRequest.LongestPath));
        })
        .AddHttpClientInstrumentation();

    /// <summary>Sets only what Portal's settings specify. OpenTelemetry's environment variables apply to the rest.</summary>
    internal static void Address(OtlpExporterOptions exporter, TelemetryOptions.OtlpOptions options, string signal)
    {
        if (options.Endpoint.Length == 0)
            return;
        var http = options.Protocol == OtlpProtocol.HttpProtobuf;
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = http ? new Uri($"{options.Endpoint.TrimEnd('/')}/v1/{signal}") : new Uri(options.Endpoint);
        if (options.Headers.Length > 0)
            exporter.Headers = options.Headers;
    }
}
