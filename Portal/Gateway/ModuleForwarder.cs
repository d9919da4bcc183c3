using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway.Assertions;
using Portal.Wire;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>Forwards the requests for a module to its upstream, and reports failures.</summary>
internal sealed partial class ModuleForwarder(
    Module module, Upstream upstream, IUpstreamSender sender, AssertionSigner signer, UpstreamMetrics metrics, Func<Refusal?> withdrawn, ILogger logger)
{
    private static readonly Refusal NoTrace = new(
        StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed, "The method TRACE is not supported. To trace a request, send it to the service itself.");

    private readonly UpstreamRefusals _refusals = new(module);
    private readonly UpstreamRoot[] _roots = [.. upstream.Destinations.Select(destination => new UpstreamRoot(destination))];
    private readonly FrozenDictionary<string, string> _prefixes = module.Paths.ToFrozenDictionary(
        path => path, path => upstream.PathPrefix == PathPrefixRule.Kept ? ApiKeyMiddleware.BasePath : ApiKeyMiddleware.BasePath + path);

    public async Task ForwardAsync(HttpContext context)
    {
        var caller = ApiCaller.Of(context);
        if (EndsHere(context, caller))
            return;
        LiftLimits(context);
        KeepWebSocketsOnly(context.Request);
        var assertion = upstream.AssertionIssuer is { } issuer ? signer.Sign(issuer, module.Id, caller.Credential) : null;
        var path = new UpstreamPath(caller.Target, upstream.PathPrefix);
        var call = new UpstreamCall(caller, path, _prefixes[caller.Target.Owner.Prefix], assertion, _roots);
        context.Features.Set(call);
        caller.ForwardUntil(withdrawn);
        var began = metrics.Now();
        Conclude(context, caller, await sender.SendAsync(context));
        metrics.Record(module, began, call.AnsweredAt, caller.Ended is null ? caller.Refusal?.Code : null);
    }

    /// <summary>Removes an offer to upgrade to any protocol but WebSocket. The forwarder would pass on some others, and if an upstream accepts one,
    /// the client has a connection on which its requests aren't checked.</summary>
    private static void KeepWebSocketsOnly(HttpRequest request)
    {
        var offered = request.Headers.Upgrade;
        if (offered.Count > 0 && !(offered is [{ } only] && only.Equals("websocket", StringComparison.OrdinalIgnoreCase)))
            request.Headers.Remove(HeaderNames.Upgrade);
    }

    /// <summary>Responds to requests that aren't sent to an upstream.</summary>
    private static bool EndsHere(HttpContext context, ApiCaller caller)
    {
        var (request, response) = (context.Request, context.Response);
        if (HttpMethods.IsTrace(request.Method))
        {
            // The response would show the client headers that Portal sends only to upstreams.
            response.Headers.Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
            caller.Refuse(NoTrace);
            return true;
        }

        // RFC 9110, 7.6.2.
        if (!HttpMethods.IsOptions(request.Method) || !uint.TryParse(request.Headers[HeaderNames.MaxForwards], NumberStyles.None, CultureInfo.InvariantCulture, out var left))
            return false;
        if (left > 0)
        {
            request.Headers[HeaderNames.MaxForwards] = (left - 1).ToString(CultureInfo.InvariantCulture);
            return false;
        }

        response.StatusCode = StatusCodes.Status204NoContent;
        caller.LeaveAnswerAlone();
        return true;
    }

    /// <summary>Lifts the web server's limits. The upstream decides how large a body may be, and only its <c>ActivityTimeout</c> limits how slowly
    /// bodies may be sent: they are streamed and not buffered.</summary>
    private static void LiftLimits(HttpContext context)
    {
        var features = context.Features;
        if (context.Request.ContentLength is not 0)
        {
            if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = null;
            if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } upload)
                upload.MinDataRate = null;
        }

        // HTTP/2 has none: its rate applies to the connection as a whole.
        if (features.Get<IHttpMinResponseDataRateFeature>() is { } download)
            download.MinDataRate = null;
    }

    private void Conclude(HttpContext context, ApiCaller caller, ForwarderError error)
    {
        if (error == ForwarderError.None)
        {
            caller.LeaveAnswerAlone();
            return;
        }

        if (caller.Ended is { } ended)
        {
            if (!context.Response.HasStarted)
                context.Response.Clear();
            caller.Refuse(ended);
            return;
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        // Nothing was sent: this is an internal error, which the middleware logs and responds to.
        if (error == ForwarderError.RequestCreation && exception is not null)
            ExceptionDispatchInfo.Throw(exception);
        if (RefusalFor(context, error, exception) is { } refusal)
        {
            if (!context.Response.HasStarted)
                context.Response.Clear();
            caller.Refuse(refusal);
            LogFailed(module.Name, module.Id, error, Words(exception), context.TraceIdentifier);
        }
        else if (error != ForwarderError.RequestBodyClient || context.RequestAborted.IsCancellationRequested)
            caller.LeaveAnswerAlone();
    }

    /// <returns>Null if the upstream isn't at fault: the client left or sent unreadable data, or an upgraded connection was idle for too
    /// long.</returns>
    private Refusal? RefusalFor(HttpContext context, ForwarderError error, Exception? exception) => error switch
    {
        ForwarderError.Request => RefusalFor(context.Request.Method, exception),
        ForwarderError.RequestTimedOut => _refusals.TooSlow,
        ForwarderError.ResponseHeaders => _refusals.Unintelligible,
        ForwarderError.ResponseBodyDestination when exception is OperationCanceledException => _refusals.TooSlow,
        ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeRequestDestination => _refusals.BrokeOff,
        // The upstream offered an upgrade that the client hadn't requested.
        ForwarderError.UpgradeResponseClient when !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested => _refusals.Unintelligible,
        // Otherwise the upstream has responded and didn't want the rest of the body.
        ForwarderError.RequestBodyDestination when exception is AggregateException =>
            context.Response.StatusCode == StatusCodes.Status504GatewayTimeout ? _refusals.TooSlow : BrokeOff(context.Request.Method),
        ForwarderError.NoAvailableDestinations => _refusals.NoneHealthy,
        _ => null,
    };

    private Refusal BrokeOff(string method) => RetryPrevention.IsAllowed(method) ? _refusals.BrokeOff : _refusals.Unclear;

    private Refusal RefusalFor(string method, Exception? exception) => (exception as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError => _refusals.Unreachable,
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded
            or HttpRequestError.VersionNegotiationError => _refusals.Unintelligible,
        _ => BrokeOff(method),
    };

    private static string Words(Exception? exception) => exception is null ? "no destination is available" : $"{exception.Message} {exception.InnerException?.Message}".TrimEnd();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstream of {Module} ({Id}) failed, {Error}: {Reason} (request {RequestId})")]
    private partial void LogFailed(string module, string id, ForwarderError error, string reason, string requestId);
}
