using Microsoft.Extensions.Options;
using Portal.Addresses;
using Portal.Audit;

namespace Portal.Hosting;

/// <summary>Stops the start if the settings would send nothing, or would let no one read the metrics.</summary>
/// <remarks>No error repeats an endpoint or a header: either may contain a secret.</remarks>
internal sealed class TelemetryValidator(IConfiguration configuration) : IValidateOptions<TelemetryOptions>
{
    /// <summary>OpenTelemetry's own variable for the collector, which applies if Portal's setting is empty.</summary>
    public const string StandardEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Stream = $"{AuditOptions.Section}:{nameof(AuditOptions.Stream)}:{nameof(AuditOptions.StreamOptions.Enabled)}";

    private const string Endpoint = "Telemetry:Otlp:Endpoint", AllowedFrom = "Telemetry:Prometheus:AllowedFrom";

    /// <summary>Whether audit entries are sent to the collector.</summary>
    public static bool StreamsAudit(IConfiguration configuration) => bool.TryParse(configuration[Stream], out var enabled) && enabled;

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var faults = FaultsIn(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> FaultsIn(TelemetryOptions options)
    {
        if (!Enum.IsDefined(options.Logs))
            yield return "Telemetry:Logs must be Text or Json.";
        if (!Enum.IsDefined(options.Otlp.Protocol))
            yield return "Telemetry:Otlp:Protocol must be Grpc or HttpProtobuf.";
        foreach (var (key, address) in new[] { (Endpoint, options.Otlp.Endpoint), (StandardEndpoint, configuration[StandardEndpoint] ?? "") })
            if (address.Length > 0 && !IsAddress(address))
                yield return $"{key} must be an absolute http or https address without user and query, like http://localhost:4317.";
        if (StreamsAudit(configuration) && options.Otlp.Endpoint.Length == 0 && string.IsNullOrEmpty(configuration[StandardEndpoint]))
            yield return $"{Stream} needs a collector. Set {Endpoint}.";
        if (options.Requests.Enabled && options.Otlp.Endpoint.Length == 0 && string.IsNullOrEmpty(configuration[StandardEndpoint]))
            yield return $"Telemetry:Requests:Enabled needs a collector. Set {Endpoint}.";
        if (options.Requests.Ratio is not (> 0 and <= 1))
            yield return "Telemetry:Requests:Ratio must be more than 0, and at most 1, which exports all requests.";
        if (!AreHeaders(options.Otlp.Headers))
            yield return "Telemetry:Otlp:Headers must have the format name=value,name=value.";
        foreach (var (i, text) in options.Prometheus.AllowedFrom.Index())
            if (AddressRangeFormat.TryParse(text, out var range, out _))
            {
                if (WideAddresses.IsTooWide(range))
                    yield return $"{AllowedFrom}:{i} \"{text}\" exposes the metrics to everyone. List only the addresses or networks of your monitoring system.";
            }
            else
                yield return $"{AllowedFrom}:{i} \"{text}\" must be an address, like 10.0.0.7, a network, like 10.0.0.0/24, or a range.";
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address is { UserInfo: "", Query: "", Fragment: "" };

    private static bool AreHeaders(string text) =>
        text.Length == 0 || text.Split(',').All(pair => pair.IndexOf('=', StringComparison.Ordinal) > 0 && !pair.AsSpan().ContainsAny('\r', '\n'));
}
