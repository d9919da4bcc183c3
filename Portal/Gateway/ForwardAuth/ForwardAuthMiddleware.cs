using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Portal.Addresses;
using Portal.Authentication;
using Portal.Statistics;
using Portal.Wire;

namespace Portal.Gateway.ForwardAuth;

/// <summary>Responds to proxies that ask whether a request may pass: with 200 and the caller's identity, or with the refusal that Portal itself would
/// have sent.</summary>
/// <remarks>Runs before all other middleware. Only the address of the connection decides who may ask, so trusted proxies' headers must not have
/// changed it yet. And no path below <see cref="ProxyStyle.Endpoint"/> may ever lead to a page: a proxy would take its 200 for permission.</remarks>
internal sealed partial class ForwardAuthMiddleware(
    RequestDelegate next, ForwardAuthClients clients, OriginalRequestReader reader, AccessEvaluator evaluator, RequestRecorder recorder, TimeProvider clock,
    ILogger<ForwardAuthMiddleware> logger)
{
    public const string StatusHeader = "X-Portal-Status", ErrorHeader = "X-Portal-Error";

    /// <summary>With a wrong configuration, every request would be logged. One warning in this time is enough.</summary>
    private static readonly TimeSpan BetweenComplaints = TimeSpan.FromSeconds(10);

    private static readonly Refusal ProxyNotAllowed = new(StatusCodes.Status403Forbidden, ErrorCodes.AddressNotAllowed, "This address isn't allowed to send authorization requests to Portal.");

    private static readonly Refusal MisleadingName = new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
        $"A header has a name that servers confuse with {UpstreamTransformer.TokenHandle}, {UpstreamTransformer.TokenName} or {UpstreamTransformer.AccountId}. Remove it.");

    private long _nextComplaint;

    public Task InvokeAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        // Checks the raw and the decoded path: whatever begins with the endpoint stays here, even if dot segments would lead elsewhere.
        var isQuestion = target.StartsWith(ProxyStyle.Endpoint, StringComparison.OrdinalIgnoreCase)
            || context.Request.Path.StartsWithSegments(ProxyStyle.Endpoint);
        return isQuestion ? AnswerAsync(context, target) : next(context);
    }

    private async Task AnswerAsync(HttpContext context, string target)
    {
        // Only a proxy that may ask gets refusals in its own format.
        var mayAsk = clients.MayAsk(context.Connection.RemoteIpAddress);
        var style = ProxyStyle.Find(target, out var rest) is { } found && mayAsk ? found : null;
        try
        {
            if (await DecideAsync(context, mayAsk, style, rest) is { } refusal)
                await RefuseAsync(context, refusal, style);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // The proxy has disconnected, so no response is needed.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFault(exception, style?.Name, context.TraceIdentifier);
            context.Response.Clear();
            await RefuseAsync(context, Refusals.ForFailure(exception, context.TraceIdentifier), style);
        }
    }

    /// <returns>Null if the request may pass; the response then identifies the caller.</returns>
    private async Task<Refusal?> DecideAsync(HttpContext context, bool mayAsk, ProxyStyle? style, string rest)
    {
        if (!clients.Any)
            return Refusals.NothingAt(context.Request.Path);
        var peer = AddressNumber.Write(context.Connection.RemoteIpAddress);
        if (!mayAsk)
        {
            Complain($"{peer} is not listed in {ForwardAuthOptions.SectionName}:Askers");
            return ProxyNotAllowed;
        }

        if (style is null)
            return Refusals.NothingAt(context.Request.Path);
        if (reader.TryRead(context.Request, style, rest, out var original) is { } fault)
        {
            Complain($"{peer} sent an authorization request ({style.Name}) that Portal cannot read: {fault}");
            return Unclear(fault);
        }

        return await EvaluateAsync(context, original);
    }

    private async Task<Refusal?> EvaluateAsync(HttpContext context, OriginalRequest original)
    {
        var decision = await evaluator.EvaluateAsync(
            new AccessRequest(ApiKeyMiddleware.HeaderOf(context.Request), original.Owner, original.Address, original.Path), context.RequestAborted);
        if (decision.Rate is { } rate)
            RateHeaders.Announce(context.Response, rate);
        var (refusal, module) = (decision.Refusal ?? RefusalOfNames(context.Request), original.Owner.Module);
        recorder.Count(
            decision, module, refusal?.StatusCode ?? StatusCodes.Status200OK, refusal?.Code ?? "", refusal is null ? module : null, original.Address,
            RequestRecorder.ClientOf(context.Request),
            new ServedRequest(original.Method, original.Path.Value, Duration: null, refusal is null ? null : context.TraceIdentifier));
        if (refusal is null)
            Permit(context.Response, decision.Credential!);
        return refusal;
    }

    /// <summary>Refuses misleading names: proxies replace the headers that identify the caller, but not those that an API may confuse with
    /// them.</summary>
    private static Refusal? RefusalOfNames(HttpRequest question)
    {
        foreach (var (name, _) in question.Headers)
            if (ClientHeaders.ImitatesCaller(name))
                return MisleadingName;
        return null;
    }

    private static void Permit(HttpResponse response, Credential caller)
    {
        response.Headers[UpstreamTransformer.TokenHandle] = caller.Handle;
        response.Headers[UpstreamTransformer.TokenName] = caller.EncodedName;
        response.Headers[UpstreamTransformer.AccountId] = caller.AccountId;
        // The response applies to this request only. A proxy that caches it must be configured to do so.
        response.Headers.CacheControl = "no-store";
        response.ContentLength = 0;
    }

    /// <summary>Sends the refusal. A proxy that supports only two status codes gets the actual refusal in headers, from which it can restore
    /// it.</summary>
    private static Task RefuseAsync(HttpContext context, Refusal refusal, ProxyStyle? style)
    {
        if (style is not { SupportsOnly401And403: true })
            return refusal.WriteAsync(context.Response);
        return refusal.WriteAsync(context.Response, DescribeInHeaders(refusal, context.Response.Headers, context.TraceIdentifier));
    }

    /// <returns>The status for a proxy that understands 401 and 403 alone.</returns>
    internal static int DescribeInHeaders(Refusal refusal, IHeaderDictionary headers, string requestId)
    {
        headers[StatusHeader] = refusal.StatusCode.ToString(CultureInfo.InvariantCulture);
        headers[ErrorHeader] = refusal.ToHeaderValue(requestId);
        return refusal.StatusCode == StatusCodes.Status401Unauthorized ? refusal.StatusCode : StatusCodes.Status403Forbidden;
    }

    private static Refusal Unclear(string fault) => new(
        StatusCodes.Status403Forbidden, ErrorCodes.UnclearAuthorizationRequest,
        $"Portal can't determine the request to authorize: {fault}. Compare the configuration of the proxy with Portal's documentation.");

    private void Complain(string what)
    {
        var (now, next) = (clock.GetUtcNow().UtcTicks, Volatile.Read(ref _nextComplaint));
        if (now >= next && Interlocked.CompareExchange(ref _nextComplaint, now + BetweenComplaints.Ticks, next) == next)
            LogComplaint(what);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forward authentication refused a request: {What}")]
    private partial void LogComplaint(string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "An authorization request from a proxy ({Style}) failed (request {Number})")]
    private partial void LogFault(Exception exception, string? style, string number);
}
