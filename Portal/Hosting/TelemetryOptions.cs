using Portal.Statistics.Export;

namespace Portal.Hosting;

/// <summary>The section <c>Telemetry</c> of the configuration: health, metrics, traces and logs.</summary>
internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>The format of the console log.</summary>
    public LogFormat Logs { get; init; } = LogFormat.Text;

    public OtlpOptions Otlp { get; init; } = new();

    public PrometheusOptions Prometheus { get; init; } = new();

    /// <summary>Log records of requests with a key, for the collector.</summary>
    public RequestExportOptions Requests { get; init; } = new();

    /// <summary>The collector that gets metrics, traces and logs over OTLP.</summary>
    public sealed class OtlpOptions
    {
        /// <summary>The collector, <c>http://localhost:4317</c>; empty: nothing is sent.</summary>
        public string Endpoint { get; init => field = value ?? ""; } = "";

        public OtlpProtocol Protocol { get; init; } = OtlpProtocol.Grpc;

        /// <summary><c>name=value,name=value</c>: what the collector asks for, often a secret, so it is never repeated.</summary>
        public string Headers { get; init => field = value ?? ""; } = "";
    }

    /// <summary>Metrics for Prometheus to fetch.</summary>
    public sealed class PrometheusOptions
    {
        public bool Enabled { get; init; }

        /// <summary>Addresses, networks and ranges that may fetch them; none: this machine alone.</summary>
        public List<string> AllowedFrom { get; init => field = value ?? []; } = [];
    }
}

internal enum LogFormat
{
    /// <summary>Lines of text for people.</summary>
    Text,

    /// <summary>One JSON object per line, for programs.</summary>
    Json,
}

internal enum OtlpProtocol
{
    Grpc,

    /// <summary>To <c>/v1/metrics</c>, <c>/v1/traces</c> and <c>/v1/logs</c> below the endpoint.</summary>
    HttpProtobuf,
}
