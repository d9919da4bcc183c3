using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>Stands before everything below <see cref="BasePath"/>: lets through what comes with a key that may, refuses
/// the rest in the API's error form, and counts every request that came with a secret of a token.</summary>
/// <remarks>It is middleware and not an authentication handler with policies, because it must see what handlers hide (the final
/// status of a request, refused or served) and because that costs a quarter of the throughput.</remarks>
internal sealed partial class ApiKeyMiddleware(
    RequestDelegate next, AccessEvaluator evaluator, OngoingRequests requests, RequestRecorder counter, TimeProvider clock, ILogger<ApiKeyMiddleware> logger)
{
    public const string BasePath = "/public/v1";

    /// <summary>Whether the request is for the API, and so for the gate. Case is ignored, as in routing.</summary>
    public static bool Guards(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase);

    /// <param name="target">One below the API's base path.</param>
    public async Task InvokeAsync(HttpContext context, RequestTarget target)
    {
        try
        {
            await EvaluateAsync(context, target);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await Fault(context, exception).WriteAsync(context.Response);
        }
    }

    private Task EvaluateAsync(HttpContext context, in RequestTarget target)
    {
        var start = clock.GetTimestamp();
        var request = context.Request;
        var approach = new AccessRequest(HeaderOf(request), target.Owner, context.Connection.RemoteIpAddress, request.Path)
        {
            TargetLength = target.Length, Headers = HeaderSize.Of(request.Headers),
        };
        var judging = evaluator.EvaluateAsync(approach, context.RequestAborted);
        // Nearly always: what is asked is in memory.
        return judging.IsCompletedSuccessfully
            ? FollowAsync(context, start, judging.Result, target)
            : FollowLaterAsync(context, start, judging, target);
    }

    private async Task FollowLaterAsync(HttpContext context, long start, ValueTask<AccessDecision> judging, RequestTarget target) =>
        await FollowAsync(context, start, await judging, target);

    private Task FollowAsync(HttpContext context, long start, in AccessDecision decision, in RequestTarget target)
    {
        var module = target.Owner.Module;
        RateHeaders.Announce(context.Response, decision.Rate);
        if (decision.Refusal is not { } refusal)
            return PassAsync(context, start, decision, target);
        // A module that refused the token was not used by it; the token and its key were.
        Count(context, start, decision, module, refusal.StatusCode, refusal.Code, used: null);
        NoteRefusal(context, refusal);
        return refusal.WriteAsync(context.Response);
    }

    private async Task PassAsync(HttpContext context, long start, AccessDecision decision, RequestTarget target)
    {
        var module = target.Owner.Module;
        var caller = new ApiCaller(decision.Credential!, module, HeaderOf(context.Request)) { Target = target, SecretId = decision.SecretId };
        // The key has done its work: nobody behind the gate can pass it on or write it down.
        context.Request.Headers.Authorization = default;
        context.Features.Set(caller);
        var request = new OngoingRequest(context, decision, caller);
        // What is left to say, or to count, when nobody behind the gate gave a whole answer.
        Refusal? answer = null;
        try
        {
            await ServeAsync(context, request);
            answer = caller.Refusal ?? (caller.AnsweredElsewhere ? null : Refusals.ForBareStatus(context));
        }
        catch (Exception) when (caller.Ended is not null)
        {
            answer = End(context, caller, caller.Ended);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            answer = Refusals.Unreadable(exception.StatusCode);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            answer = Fault(context, exception);
        }
        finally
        {
            requests.Remove(request);
            request.Detach();
            // Before the gate's own answer is written: whoever reads it finds it counted.
            Count(context, start, decision, module, answer?.StatusCode ?? StatusOf(context), caller.Refusal?.Code ?? "", used: module);
        }

        if (answer is not null && !context.Response.HasStarted)
            await answer.WriteAsync(context.Response);
    }

    /// <summary>Lets the endpoint answer; until it has, the request ends when its token may no longer send it.</summary>
    private Task ServeAsync(HttpContext context, OngoingRequest request)
    {
        request.Attach();
        var serving = next(context);
        // What is answered from memory is over by now.
        if (serving.IsCompleted)
            return serving;
        request.Client = RequestRecorder.ClientOf(context.Request);
        requests.Add(request);
        return serving;
    }

    /// <summary>What is left to say of a request that was ended while it was served. A response that has begun must not look whole.</summary>
    private static Refusal End(HttpContext context, ApiCaller caller, Refusal ended)
    {
        if (context.Response.HasStarted)
            context.Abort();
        else
            context.Response.Clear();
        caller.Refuse(ended);
        return ended;
    }

    private void Count(HttpContext context, long start, in AccessDecision decision, Module? module, int status, string reason, Module? used) => counter.Count(
        decision, module, status, reason, used, context.Connection.RemoteIpAddress, RequestRecorder.ClientOf(context.Request),
        new ServedRequest(context.Request.Method, context.Request.Path.Value, clock.GetElapsedTime(start)));

    /// <summary>A client that left before it was answered saw no status; 200 would be a lie.</summary>
    private static int StatusOf(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            ? StatusCodes.Status499ClientClosedRequest
            : context.Response.StatusCode;

    /// <summary>Exactly one header: joining several could make a key out of an empty one and another.</summary>
    internal static string HeaderOf(HttpRequest request) => request.Headers.Authorization is [{ } only] ? only : "";

    /// <summary>For those who want to know: whoever sends bad requests must not be able to fill the log.</summary>
    private void NoteRefusal(HttpContext context, Refusal refusal)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogRefused(context.Request.Method, Shown(context.Request.Path), refusal.StatusCode, refusal.Code, context.TraceIdentifier);
    }

    private Refusal Fault(HttpContext context, Exception exception)
    {
        if (DatabaseErrors.Find(exception) is { } fault)
            LogUnavailable(context.Request.Method, Shown(context.Request.Path), fault.What, context.TraceIdentifier);
        else
            LogFault(exception, context.Request.Method, Shown(context.Request.Path), context.TraceIdentifier);
        context.Response.Clear();
        return Refusals.ForFailure(exception, context.TraceIdentifier);
    }

    /// <summary>A path as it may be logged: without a secret that a client put there.</summary>
    private static string Shown(PathString path) => RecentRequest.Clean(path.Value, RecentRequest.LongestPath);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed (request {RequestId})")]
    private partial void LogFault(Exception exception, string method, string path, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} failed: {Reason} (request {RequestId})")]
    private partial void LogUnavailable(string method, string path, string reason, string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Path} was refused, {Status} {Code} (request {RequestId})")]
    private partial void LogRefused(string method, string path, int status, string code, string requestId);
}
