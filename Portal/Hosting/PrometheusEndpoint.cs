using Microsoft.AspNetCore.Diagnostics;
using Portal.Addresses;

namespace Portal.Hosting;

/// <summary>Serves the metrics to Prometheus. Only the configured addresses may fetch them; others get 404.</summary>
internal static class PrometheusEndpoint
{
    public const string Path = "/metrics";

    private static readonly string[] Loopback = ["127.0.0.0/8", "::1"];

    public static void MapScraping(this IEndpointRouteBuilder app, TelemetryOptions.PrometheusOptions options)
    {
        var allowed = new AddressSet((options.AllowedFrom is [] ? Loopback : [.. options.AllowedFrom]).Select(Parse));
        app.MapPrometheusScrapingEndpoint(
            Path, meterProvider: null, optionsName: null,
            configureBranchedPipeline: branch => branch.Use((context, next) => MayRead(context, allowed) ? next(context) : Hide(context))).AllowAnonymous();
    }

    /// <summary>Responds to scrapers with 404, even while pages redirect to the setup.</summary>
    public static void MapNoScraping(this IEndpointRouteBuilder app) => app.Map(Path, Hide).AllowAnonymous();

    /// <summary>If the request still has a proxy's headers, the proxy isn't trusted: the request may come from anyone although it appears to come
    /// from this machine.</summary>
    private static bool MayRead(HttpContext context, AddressSet allowed) =>
        context.Connection.RemoteIpAddress is { } address && allowed.Contains(AddressNumber.Of(address))
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    private static Task Hide(HttpContext context)
    {
        // A bare 404 instead of a page: metrics are fetched by machines.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            pages.Enabled = false;
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static AddressRange Parse(string text) =>
        AddressRangeFormat.TryParse(text, out var range, out _) ? range : throw new FormatException($"\"{text}\" is not an address.");
}
