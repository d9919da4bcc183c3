using Microsoft.AspNetCore.Http.Features;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway.Assertions;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Gateway;

/// <summary>Passes the requests for a module on to its upstream, and says what went wrong when it did.</summary>
internal sealed partial class ModuleForwarding(Module module, Upstream upstream, IUpstreamSender sender, AssertionSigner signer, ILogger logger)
{
    private readonly UpstreamRefusals _refusals = new(module);

    /// <param name="modulePath">The one of the module's path prefixes that the request is below.</param>
    public async Task ForwardAsync(HttpContext context, string modulePath)
    {
        var caller = ApiCaller.Of(context);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = UpstreamPath.Find(target, UpstreamPath.SegmentsToLeaveOut(upstream.PathPrefix, modulePath));
        if (start < 0)
        {
            caller.Refuse(Refusals.NothingAt(context.Request.Path));
            return;
        }

        LiftSizeLimit(context);
        var assertion = upstream.AssertionIssuer is { } issuer ? signer.Sign(issuer, module.Id, caller.Credential) : null;
        var call = new UpstreamCall(context, caller, target, start, assertion);
        call.Begin();
        Conclude(context, call, await sender.SendAsync(context));
    }

    /// <summary>How large a body may be is the upstream's affair: it passes through and is kept nowhere.</summary>
    private static void LiftSizeLimit(HttpContext context)
    {
        if (context.Request.ContentLength is not 0 && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
    }

    private void Conclude(HttpContext context, UpstreamCall call, ForwarderError error)
    {
        var exception = error == ForwarderError.None ? null : context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var refusal = error switch
        {
            ForwarderError.None => null,
            ForwarderError.Request => RefusalFor(exception),
            ForwarderError.RequestCreation => Refusals.Fault(context),
            ForwarderError.RequestTimedOut => _refusals.TooSlow,
            ForwarderError.ResponseHeaders => _refusals.Unintelligible,
            ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeRequestDestination => _refusals.BrokeOff,
            ForwarderError.ResponseBodyCanceled when !ClientLeft(context, call) => _refusals.TooSlow,
            // Else the upstream had answered, and just did not want the rest of the body.
            ForwarderError.RequestBodyDestination when exception is AggregateException =>
                context.Response.StatusCode == StatusCodes.Status504GatewayTimeout ? _refusals.TooSlow : _refusals.BrokeOff,
            ForwarderError.NoAvailableDestinations => _refusals.NoneHealthy,
            // The client left or sent what cannot be read; or a connection that was upgraded was idle for too long.
            _ => null,
        };
        if (refusal is not null)
        {
            call.Caller.Refuse(refusal);
            LogFailed(module.Name, module.Id, error, Words(exception), context.TraceIdentifier);
        }
        else if (error != ForwarderError.RequestBodyClient || context.RequestAborted.IsCancellationRequested)
            call.Caller.LeaveAnswerAlone();
    }

    private static bool ClientLeft(HttpContext context, UpstreamCall call) => call.BrokenOff ? call.ClientLeft : context.RequestAborted.IsCancellationRequested;

    private Refusal RefusalFor(Exception? exception) => exception is HttpRequestException { HttpRequestError: var reason }
        ? reason switch
        {
            HttpRequestError.ResponseEnded => _refusals.BrokeOff,
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded
                or HttpRequestError.VersionNegotiationError => _refusals.Unintelligible,
            HttpRequestError.Unknown => _refusals.BrokeOff,
            _ => _refusals.Unreachable,
        }
        : _refusals.BrokeOff;

    private static string Words(Exception? exception) => exception is null ? "nobody to ask" : $"{exception.Message} {exception.InnerException?.Message}".TrimEnd();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstream of {Module} ({Id}) failed, {Error}: {Reason} (request {Number})")]
    private partial void LogFailed(string module, string id, ForwarderError error, string reason, string number);
}
