using System.Runtime.ExceptionServices;
using Portal.Data;
using Portal.Statistics;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>Handles everything below <see cref="BasePath"/>: passes on requests with a key that may send them, refuses the rest in the API's error
/// format, and counts every request that has a secret of a token.</summary>
/// <remarks>An authentication handler with policies would hide what this middleware needs (the final status of every request, refused or served) and
/// reduce the throughput by a quarter. A request that is decided and answered from memory never enters an asynchronous method.</remarks>
internal sealed partial class ApiKeyMiddleware(
    RequestDelegate next, AccessEvaluator evaluator, OngoingRequests ongoing, RequestRecorder recorder, TimeProvider clock, ILogger<ApiKeyMiddleware> logger)
{
    public const string BasePath = "/public/v1";

    /// <summary>Whether the request is for the API. Case is ignored, as in routing.</summary>
    public static bool Guards(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase);

    /// <param name="target">A target below the API's base path.</param>
    public Task InvokeAsync(HttpContext context, in RequestTarget target)
    {
        Task answering;
        try
        {
            answering = DecideAsync(context, target);
        }
        catch (Exception exception)
        {
            return FailAsync(context, exception);
        }

        return answering.IsCompletedSuccessfully ? answering : GuardAsync(context, answering);
    }

    /// <summary>Accepts exactly one header: joining several could combine an empty one and another into a key.</summary>
    internal static string HeaderOf(HttpRequest request) => request.Headers.Authorization is [{ } only] ? only : "";

    private async Task GuardAsync(HttpContext context, Task answering)
    {
        try
        {
            await answering;
        }
        catch (Exception exception)
        {
            await FailAsync(context, exception);
        }
    }

    private Task DecideAsync(HttpContext context, in RequestTarget target)
    {
        var began = clock.GetTimestamp();
        var request = context.Request;
        var asked = new AccessRequest(HeaderOf(request), target.Owner, context.Connection.RemoteIpAddress, request.Path)
        {
            TargetLength = target.Length, Headers = HeaderSize.Of(request.Headers),
        };
        // The common case: everything that is needed is in memory.
        return evaluator.TryEvaluate(asked, out var decision)
            ? FollowAsync(context, began, asked, decision, target)
            : LoadAndFollowAsync(context, began, asked, target);
    }

    private async Task LoadAndFollowAsync(HttpContext context, long began, AccessRequest asked, RequestTarget target) =>
        await FollowAsync(context, began, asked, await evaluator.EvaluateAsync(asked, context.RequestAborted), target);

    private Task FollowAsync(HttpContext context, long began, in AccessRequest asked, in AccessDecision decision, in RequestTarget target)
    {
        if (decision.Rate is { } rate)
            RateHeaders.Announce(context.Response, rate);
        return decision.Refusal is { } refusal
            ? RefuseAsync(context, began, decision, target, refusal)
            : ServeAsync(context, OngoingRequest.Begin(context, began, asked.Address, decision, target, asked.Authorization));
    }

    private Task RefuseAsync(HttpContext context, long began, in AccessDecision decision, in RequestTarget target, Refusal refusal)
    {
        // A module that refused the token wasn't used by it. The token and its key were, unless the key is retired.
        recorder.CountRefused(context, context.Connection.RemoteIpAddress, clock.GetElapsedTime(began), decision, target.Owner.Module, refusal.StatusCode, refusal.Code, used: null);
        NoteRefusal(context, refusal);
        return refusal.WriteAsync(context.Response);
    }

    /// <summary>Lets the endpoint respond. The request ends early if its token may no longer send it.</summary>
    private Task ServeAsync(HttpContext context, OngoingRequest request)
    {
        // The key is no longer needed. Without the header, no later code can forward or log it.
        context.Request.Headers.Authorization = default;
        request.Attach();
        Task serving;
        try
        {
            serving = next(context);
        }
        catch (Exception exception)
        {
            return ConcludeAsync(context, request, exception);
        }

        if (!serving.IsCompletedSuccessfully)
            return WaitAsync(context, request, serving);
        // A response from memory is complete by now.
        var concluding = ConcludeAsync(context, request, failure: null);
        request.Release();
        return concluding;
    }

    private async Task WaitAsync(HttpContext context, OngoingRequest request, Task serving)
    {
        ongoing.Add(request);
        Exception? failure = null;
        try
        {
            await serving;
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        await ConcludeAsync(context, request, failure);
    }

    private Task ConcludeAsync(HttpContext context, OngoingRequest request, Exception? failure)
    {
        ongoing.Remove(request);
        request.Detach();
        var answer = failure is null
            ? request.Refusal ?? (request.AnsweredElsewhere ? null : Refusals.ForBareStatus(context))
            : AnswerTo(context, request, failure);
        // Count before the response is written, so that a client that has read it finds the request counted.
        recorder.Count(
            request.Decision, request.Module, answer?.StatusCode ?? StatusOf(context), request.Refusal?.Code ?? "", used: request.Module, request.Address, request.Client,
            new ServedRequest(
                context.Request.Method, context.Request.Path.Value, clock.GetElapsedTime(request.StartTimestamp), RequestIdOf(context, request, answer)));
        if (answer is not null)
            return context.Response.HasStarted ? Task.CompletedTask : answer.WriteAsync(context.Response);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return request.Body.IsEmpty ? Task.CompletedTask : context.Response.Body.WriteAsync(request.Body).AsTask();
    }

    /// <summary>The request ID that the client gets in an error response of Portal. An upstream's response has none.</summary>
    private static string? RequestIdOf(HttpContext context, OngoingRequest request, Refusal? answer) =>
        answer is not null ? (context.Response.HasStarted ? null : context.TraceIdentifier)
        : !request.IsForwarded && !request.AnsweredElsewhere && context.Response.StatusCode >= StatusCodes.Status400BadRequest ? context.TraceIdentifier : null;

    /// <returns>Null if the response has started or the client has left.</returns>
    private Refusal? AnswerTo(HttpContext context, OngoingRequest request, Exception failure)
    {
        if (request.Ended is { } ended)
            return End(context, request, ended);
        if (context.Response.HasStarted)
            return null;
        if (failure is BadHttpRequestException { StatusCode: var status })
        {
            context.Response.Clear();
            return Refusals.Unreadable(status);
        }

        return context.RequestAborted.IsCancellationRequested ? null : Fault(context, failure);
    }

    /// <summary>Refuses a request that was ended while it was served. A started response is aborted, so that it is visibly incomplete.</summary>
    private static Refusal End(HttpContext context, ApiCaller caller, Refusal ended)
    {
        if (context.Response.HasStarted)
            context.Abort();
        else
            context.Response.Clear();
        caller.Refuse(ended);
        return ended;
    }

    /// <summary>A client that left before the response saw no status, so 200 would be wrong.</summary>
    private static int StatusOf(HttpContext context) =>
        !context.Response.HasStarted && context.RequestAborted.IsCancellationRequested
            ? StatusCodes.Status499ClientClosedRequest
            : context.Response.StatusCode;

    private Task FailAsync(HttpContext context, Exception exception)
    {
        if (context.Response.HasStarted)
            ExceptionDispatchInfo.Throw(exception);
        // A client that has left needs no response.
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : Fault(context, exception).WriteAsync(context.Response);
    }

    /// <summary>Logs at level Debug only: clients that send bad requests must not be able to fill the log.</summary>
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

    /// <summary>A path for the log, without any secret that the client put into it.</summary>
    private static string Shown(PathString path) => RecentRequest.Clean(path.Value, RecentRequest.LongestPath);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed (request {RequestId})")]
    private partial void LogFault(Exception exception, string method, string path, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} failed: {Reason} (request {RequestId})")]
    private partial void LogUnavailable(string method, string path, string reason, string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Path} was refused, {Status} {Code} (request {RequestId})")]
    private partial void LogRefused(string method, string path, int status, string code, string requestId);
}
