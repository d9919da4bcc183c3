using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Routing.Patterns;
using Portal.Data;
using Portal.Data.Nodes;

namespace Portal.Components.Circuits;

/// <summary>Lets only Portal's own pages open and use circuits: browsers send cookies with a WebSocket even if another site opens it.</summary>
/// <remarks>Browsers send <c>Origin</c> with every WebSocket and every POST. Only a program or a GET request of the same origin omits it, and then no
/// other header may indicate another site.</remarks>
internal static class CircuitOrigin
{
    private const string CircuitPath = "_blazor";

    /// <summary>Checks the origin at every endpoint of circuits, whatever the transport.</summary>
    public static TBuilder RequireOwnOrigin<TBuilder>(this TBuilder pages)
        where TBuilder : IEndpointConventionBuilder
    {
        pages.Add(endpoint =>
        {
            if (endpoint is not RouteEndpointBuilder { RoutePattern: var pattern, RequestDelegate: { } serve } ||
                pattern.PathSegments is not [{ Parts: [RoutePatternLiteralPart { Content: CircuitPath }] }, ..])
                return;
            // A tab reports that it is closed even if the session has ended. The circuit's ID, which only the tab knows, is sufficient proof.
            if (pattern.PathSegments is [_, { Parts: [RoutePatternLiteralPart { Content: "disconnect" }] }])
                endpoint.Metadata.Add(new AllowAnonymousAttribute());
            endpoint.RequestDelegate = context =>
                !IsOwn(context.Request) ? RefuseAsync(context)
                : IsStopping(context) || (IsNew(context) && HandsOver(context)) ? RefuseNewAsync(context)
                : serve(WithoutAffinity(context));
        });
        return pages;
    }

    private static bool IsStopping(HttpContext context) =>
        context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    private static bool HandsOver(HttpContext context) => context.RequestServices.GetRequiredService<NodeDrain>().HandsOver;

    /// <summary>Whether the request begins a connection. Others are part of one, if the browser can't use a WebSocket.</summary>
    private static bool IsNew(HttpContext context) => context.WebSockets.IsWebSocketRequest || context.Request.Path.Value!.EndsWith("/negotiate", StringComparison.Ordinal);

    /// <summary>Lets a WebSocket begin on any node, whichever one has negotiated the connection: nothing in a negotiation matters for a WebSocket, and
    /// without the ID, the connection begins here.</summary>
    private static HttpContext WithoutAffinity(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest && context.Request.QueryString.HasValue && context.RequestServices.GetRequiredService<DatabaseChoice>().IsPostgres)
            context.Request.QueryString = default;
        return context;
    }

    /// <summary>A tab whose circuit ends because Portal stops reconnects immediately. The stop would wait for that connection until its time
    /// limit.</summary>
    private static Task RefuseNewAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "5";
        return EndAsync(context);
    }

    internal static bool IsOwn(HttpRequest request)
    {
        var isWebSocket = request.HttpContext.WebSockets.IsWebSocketRequest || request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(request.Method);
        return request.Headers.Origin switch
        {
            [] => SaysSameOrigin(request) ?? !isWebSocket,
            [{ } origin] => IsSame(origin, request),
            _ => false,
        };
    }

    /// <summary>Null if the client doesn't send where the request comes from, as programs don't.</summary>
    private static bool? SaysSameOrigin(HttpRequest request) =>
        request.Headers.TryGetValue("Sec-Fetch-Site", out var site) ? site == "same-origin" : null;

    /// <summary>Compares hosts with and without the default port: an origin leaves it out, but a host may include it.</summary>
    private static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from) && from is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && string.Equals(from.Scheme, request.Scheme, StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate($"{request.Scheme}://{request.Host.ToUriComponent()}", UriKind.Absolute, out var own)
        && string.Equals(from.IdnHost, own.IdnHost, StringComparison.OrdinalIgnoreCase) && from.Port == own.Port;

    private static Task RefuseAsync(HttpContext context)
    {
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(CircuitOrigin).FullName!);
        if (logger.IsEnabled(LogLevel.Information))
            logger.LogInformation(
                "A request from another origin was refused. Portal's address is {Scheme}://{Host}. If the request comes from Portal's own page behind a proxy, add the proxy to Portal:TrustedProxies and configure it to forward the host",
                context.Request.Scheme, context.Request.Host);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return EndAsync(context);
    }

    /// <summary>Sends the bare status: no one would see an error page here, and rendering one would check this request as a form.</summary>
    private static Task EndAsync(HttpContext context)
    {
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            pages.Enabled = false;
        return Task.CompletedTask;
    }
}
